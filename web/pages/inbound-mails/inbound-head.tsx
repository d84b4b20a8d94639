/** The head of inbound mail and of the mailboxes that it is fetched from. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { PageHead } from "../../parts/page.tsx";
import tabs from "../../parts/tabs.module.css";
import css from "./inbound.module.css";

const TABS = [
  { to: "/inbound-mails", word: "mails" },
  { to: "/inbound-mails/mailboxes", word: "mailboxes" },
] as const;

export function InboundHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("inbound.title")} actions={actions} />
      <nav className={tabs["tabs"]} aria-label={t("inbound.title")}>
        {TABS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            className={tabs["tab"]}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-here": true }}
          >
            {t(`inbound.tab.${word}`)}
          </Link>
        ))}
      </nav>
      <p className={css["intro"]}>{intro}</p>
    </>
  );
}
