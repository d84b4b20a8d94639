/** The head of pages that belong together: their title, a tab for each, and what the open one is for. */
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";

import { PageHead } from "./page.tsx";
import css from "./tabs.module.css";

export type PageTab = { to: LinkProps["to"] & string; word: string; beside?: ReactNode };

type Props = {
  title: string;
  /** What the tabs are, for who does not see them. */
  label: string;
  tabs: readonly PageTab[];
  intro: string;
  actions?: ReactNode;
};

export function TabbedHead({ title, label, tabs, intro, actions }: Props) {
  const nav = useRef<HTMLElement>(null);
  // On a phone the tabs do not fit: the one that is open is in sight.
  useEffect(() => {
    nav.current?.querySelector("[data-here]")?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <>
      <PageHead title={title} actions={actions} />
      <nav ref={nav} className={css["tabs"]} aria-label={label}>
        {tabs.map(({ to, word, beside }) => (
          <Link
            key={to}
            to={to}
            className={css["tab"]}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-here": true }}
          >
            {word}
            {beside}
          </Link>
        ))}
      </nav>
      <p className={css["intro"]}>{intro}</p>
    </>
  );
}
