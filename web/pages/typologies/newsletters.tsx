/** Six newsletters under one rule, by three groupings: what `grouping` does is seen sooner than read. */
import { useTranslation } from "react-i18next";

import form from "../../parts/form.module.css";
import { EXAMPLE, EXAMPLE_GROUPINGS } from "./example.ts";
import css from "./typologies.module.css";

export function Newsletters() {
  const { t } = useTranslation();
  return (
    <details className={css["words"]}>
      <summary>{t("typologyRule.pressure.example")}</summary>
      <p className={form["hint"]}>{t("typologyRule.pressure.exampleText")}</p>
      <div className={css["scroll"]}>
        <table className={css["example"]}>
          <thead>
            <tr>
              <th scope="col">{t("typologyRule.pressure.exampleDay")}</th>
              {EXAMPLE_GROUPINGS.map((grouping) => (
                <th key={grouping} scope="col">
                  {t(`typologyRule.pressure.exampleGrouping.${grouping}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {EXAMPLE.map(({ day, stays }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {EXAMPLE_GROUPINGS.map((grouping) => (
                  <td key={grouping} data-stays={stays.includes(grouping) || undefined}>
                    {t(`typologyRule.pressure.${stays.includes(grouping) ? "stays" : "goes"}`)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
