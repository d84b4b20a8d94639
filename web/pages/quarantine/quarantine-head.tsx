/** The head of both pages: addresses that failed, and those whose errors are ignored. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { TabbedHead } from "../../parts/tabbed-head.tsx";

export function QuarantineHead({ intro, actions }: { intro: string; actions: ReactNode }) {
  const { t } = useTranslation();
  return (
    <TabbedHead
      title={t("quarantine.title")}
      label={t("quarantine.title")}
      tabs={[
        { to: "/quarantine", word: t("quarantine.tab.addresses") },
        { to: "/quarantine/allowlist", word: t("quarantine.tab.allowlist") },
      ]}
      intro={intro}
      actions={actions}
    />
  );
}
