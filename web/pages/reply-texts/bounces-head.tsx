/** The head of all pages of bounces: reply texts, rules, what was judged again. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { TabbedHead } from "../../parts/tabbed-head.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { textCountsQuery } from "../../queries-bounces.ts";
import css from "./reply-texts.module.css";

export function BouncesHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  const waiting = useQuery(textCountsQuery).data?.toQualify ?? 0;
  return (
    <TabbedHead
      title={t("bounces.title")}
      label={t("bounces.tabs")}
      tabs={[
        { to: "/reply-texts", word: t("bounces.tab.texts"), beside: waiting > 0 && <Waiting count={waiting} /> },
        { to: "/bounce-rules", word: t("bounces.tab.rules") },
        { to: "/requalifications", word: t("bounces.tab.again") },
      ]}
      intro={intro}
      actions={actions}
    />
  );
}

function Waiting({ count }: { count: number }) {
  const { t } = useTranslation();
  const n = useFormats().int(count);
  return (
    <span className={css["count"]} title={t("bounces.toQualify", { count, n })}>
      {n}
    </span>
  );
}
