/** The head of all pages of bounces: reply texts, rules, what was judged again. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { PageHead } from "../../parts/page.tsx";
import tabs from "../../parts/tabs.module.css";
import { useFormats } from "../../parts/use-now.ts";
import { textCountsQuery } from "../../queries-bounces.ts";
import css from "./reply-texts.module.css";

const TABS = [
  { to: "/reply-texts", word: "texts" },
  { to: "/bounce-rules", word: "rules" },
  { to: "/requalifications", word: "again" },
] as const;

export function BouncesHead({ intro, actions }: { intro: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const waiting = useQuery(textCountsQuery).data?.toQualify ?? 0;
  return (
    <>
      <PageHead title={t("bounces.title")} actions={actions} />
      <nav className={tabs["tabs"]} aria-label={t("bounces.tabs")}>
        {TABS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            className={tabs["tab"]}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-here": true }}
          >
            {t(`bounces.tab.${word}`)}
            {word === "texts" && waiting > 0 && (
              <span
                className={css["count"]}
                title={t("bounces.toQualify", { count: waiting, n: formats.int(waiting) })}
              >
                {formats.int(waiting)}
              </span>
            )}
          </Link>
        ))}
      </nav>
      <p className={css["intro"]}>{intro}</p>
    </>
  );
}
