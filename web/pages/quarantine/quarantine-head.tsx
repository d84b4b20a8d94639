/** The head of both pages: addresses that failed, and those whose errors are ignored. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { PageHead } from "../../parts/page.tsx";
import tabs from "../../parts/tabs.module.css";
import css from "./quarantine.module.css";

const TABS = [
  { to: "/quarantine", word: "addresses" },
  { to: "/quarantine/allowlist", word: "allowlist" },
] as const;

export function QuarantineHead({ intro, actions }: { intro: string; actions: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("quarantine.title")} actions={actions} />
      <nav className={tabs["tabs"]} aria-label={t("quarantine.title")}>
        {TABS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            className={tabs["tab"]}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-here": true }}
          >
            {t(`quarantine.tab.${word}`)}
          </Link>
        ))}
      </nav>
      <p className={css["intro"]}>{intro}</p>
    </>
  );
}
