/** What is known about one thing: words and values side by side. */
import type { ReactNode } from "react";

import css from "./facts.module.css";

export function Facts({ facts }: { facts: readonly (readonly [word: string, value: ReactNode])[] }) {
  return (
    <dl className={css["facts"]}>
      {facts.map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
