/** A page that somebody may not open says so: which right is missing, and who can give it. */
import { IconLock } from "@tabler/icons-react";
import { useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useRights } from "./may.tsx";
import { Empty } from "./notice.tsx";
import { PageHead } from "./page.tsx";
import { isIn, needsOf } from "./places.ts";

export function Guarded({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const rights = useRights();
  const needed = needsOf(useLocation().pathname)?.read;
  if (isIn(rights, needed) || needed === undefined) return children;
  return (
    <>
      <PageHead title={t("notAllowed.title")} />
      <Empty
        icon={IconLock}
        title={t("notAllowed.right", { right: t(`right.${needed}`) })}
        text={t("notAllowed.text", { right: needed })}
      />
    </>
  );
}
