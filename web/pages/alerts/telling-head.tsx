/** The head of what Envoi tells by itself: alerts, who hears of them, webhooks. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { TabbedHead } from "../../parts/tabbed-head.tsx";

export function TellingHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  const tabs = [
    { to: "/alerts", word: t("alerts.tab.alerts") },
    { to: "/alerts/settings", word: t("alerts.tab.settings") },
    { to: "/webhooks", word: t("webhooks.title") },
  ] as const;
  return (
    <TabbedHead
      title={t("alerts.title")}
      label={t("alerts.title")}
      tabs={tabs}
      intro={intro}
      {...(actions === undefined ? {} : { actions })}
    />
  );
}
