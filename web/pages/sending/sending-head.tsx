/** The head of all pages of sending: lanes, what shaping did, MX rules, sources and pools, warm-up. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { TabbedHead } from "../../parts/tabbed-head.tsx";

export function SendingHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <TabbedHead
      title={t("sending.title")}
      label={t("sending.tabs")}
      tabs={[
        { to: "/sending", word: t("sending.tab.lanes") },
        { to: "/sending/events", word: t("sending.tab.events") },
        { to: "/sending/rules", word: t("sending.tab.rules") },
        { to: "/sending/sources", word: t("sending.tab.sources") },
        { to: "/sending/warm-up", word: t("sending.tab.warmUp") },
      ]}
      intro={intro}
      actions={actions}
    />
  );
}
