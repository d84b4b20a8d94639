/** The head of the pages about whom one writes to: people, lists, and what is known of them. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { TabbedHead } from "../../parts/tabbed-head.tsx";

export function AudienceHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <TabbedHead
      title={t("recipients.title")}
      label={t("recipients.title")}
      tabs={[
        { to: "/recipients", word: t("recipients.title") },
        { to: "/lists", word: t("lists.title") },
        { to: "/services", word: t("services.title") },
        { to: "/attributes", word: t("attributes.title") },
      ]}
      intro={intro}
      actions={actions}
    />
  );
}
