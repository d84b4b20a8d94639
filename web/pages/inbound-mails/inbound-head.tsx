/** The head of inbound mail and of the mailboxes that it is fetched from. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { TabbedHead } from "../../parts/tabbed-head.tsx";

export function InboundHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <TabbedHead
      title={t("inbound.title")}
      label={t("inbound.title")}
      tabs={[
        { to: "/inbound-mails", word: t("inbound.tab.mails") },
        { to: "/inbound-mails/mailboxes", word: t("inbound.tab.mailboxes") },
      ]}
      intro={intro}
      actions={actions}
    />
  );
}
