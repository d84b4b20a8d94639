/** The head of the pages about access: a tab for each that whoever is signed in may open. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useRights } from "../../parts/may.tsx";
import { mayOpen } from "../../parts/places.ts";
import { TabbedHead } from "../../parts/tabbed-head.tsx";

const TABS = [
  { to: "/operators", word: "operators" },
  { to: "/operators/groups", word: "groups" },
  { to: "/tokens", word: "tokens" },
  { to: "/operators/sessions", word: "sessions" },
  { to: "/operators/sign-in", word: "signIn" },
  { to: "/audit", word: "audit" },
] as const;

export function AccessHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  const rights = useRights();
  return (
    <TabbedHead
      title={t("access.title")}
      label={t("access.title")}
      tabs={TABS.filter(({ to }) => mayOpen(rights, to)).map(({ to, word }) => ({ to, word: t(`access.tab.${word}`) }))}
      intro={intro}
      actions={actions}
    />
  );
}
