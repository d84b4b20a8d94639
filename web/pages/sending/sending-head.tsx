/** The head of all pages of sending: lanes, what shaping did, MX rules, sources and pools, warm-up. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { PageHead } from "../../parts/page.tsx";
import tabs from "../../parts/tabs.module.css";
import css from "./sending.module.css";

const TABS = [
  { to: "/sending", word: "lanes" },
  { to: "/sending/events", word: "events" },
  { to: "/sending/rules", word: "rules" },
  { to: "/sending/sources", word: "sources" },
  { to: "/sending/warm-up", word: "warmUp" },
] as const;

export function SendingHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  const nav = useRef<HTMLElement>(null);
  // On a phone the tabs do not fit: the one that is open is in sight.
  useEffect(() => {
    nav.current?.querySelector("[data-here]")?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <>
      <PageHead title={t("sending.title")} actions={actions} />
      <nav ref={nav} className={tabs["tabs"]} aria-label={t("sending.tabs")}>
        {TABS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            className={tabs["tab"]}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-here": true }}
          >
            {t(`sending.tab.${word}`)}
          </Link>
        ))}
      </nav>
      <p className={css["intro"]}>{intro}</p>
    </>
  );
}
