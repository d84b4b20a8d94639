/** What an expression can name: facts with the phase from which they are known, functions with what they take. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { ruleLanguageQuery } from "../../queries-typologies.ts";
import css from "./typologies.module.css";

export function LanguageWords() {
  const { t } = useTranslation();
  const language = useQuery(ruleLanguageQuery).data;
  if (language === undefined) return null;
  return (
    <details className={css["words"]}>
      <summary>{t("typologies.language")}</summary>
      <dl lang="en">
        {language.facts.map(({ name, type, from, about }) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd>
              {type}: {about}
              {from !== "before-target" && ` (${t(`typologies.phase.${from}`)})`}
            </dd>
          </div>
        ))}
        {language.functions.map(({ name, takes, gives, about }) => (
          <div key={name}>
            <dt className="mono">
              {name}({takes.join(", ")})
            </dt>
            <dd>
              {gives}: {about}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
