/** What is wrong with content, each with a way to its place. */
import { IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { ContentProblem } from "../../src/contract/index.ts";
import css from "./problem-list.module.css";

type Props = {
  problems: readonly ContentProblem[];
  /** What a part is called on this page. */
  nameOf: (part: string) => string;
  onJump: (problem: ContentProblem) => void;
};

export function ProblemList({ problems, nameOf, onJump }: Props) {
  const { t } = useTranslation();
  if (problems.length === 0) return null;
  return (
    <div className={css["list"]} data-tone="failed" role="status">
      <p className={css["title"]}>
        <IconCircleX size={16} aria-hidden />
        {t("problem.content", { count: problems.length })}
      </p>
      <ul>
        {problems.map((problem, index) => (
          <li key={index} className={css["item"]}>
            <button type="button" className={css["place"]} onClick={() => onJump(problem)}>
              {t("problem.place", { part: nameOf(problem.part), line: problem.line, column: problem.column })}
            </button>
            <span>{problem.message}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
