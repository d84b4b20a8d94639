/** How often a text was given on each of the last days: a bar a day, and a table of the same for those who read it. */
import { useTranslation } from "react-i18next";

import type { ReplyTextDay } from "../../../src/contract/reply-texts.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import css from "./reply-texts.module.css";
import { lastDays } from "./view-model.ts";

const MINUTE = 60;

export function DayBars({ days }: { days: readonly ReplyTextDay[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const shown = lastDays(days, useNow(MINUTE));
  const max = Math.max(...shown.map(({ count }) => count));
  const sum = shown.reduce((total, { count }) => total + count, 0);
  const nameOf = (day: string) =>
    new Date(`${day}T00:00:00Z`).toLocaleDateString(formats.locale, {
      day: "numeric",
      month: "short",
      timeZone: "UTC",
    });
  const words = t("texts.daysSum", { count: sum, n: formats.int(sum), max: formats.int(max) });
  return (
    <figure className={css["days"]}>
      <div className={css["bars"]} role="img" aria-label={words}>
        {shown.map(({ day, count }) => (
          <span
            key={day}
            title={t("texts.dayBar", { count, n: formats.int(count), day: nameOf(day) })}
            data-count={count}
          >
            <span style={{ height: `${max === 0 ? 0 : (count / max) * 100}%` }} />
          </span>
        ))}
      </div>
      <figcaption>
        <span>{nameOf(shown[0]?.day ?? "")}</span>
        <span>{words}</span>
        <span>{nameOf(shown.at(-1)?.day ?? "")}</span>
      </figcaption>
      <table className="visually-hidden">
        <caption>{t("texts.daysTable")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("texts.day")}</th>
            <th scope="col">{t("texts.col.count")}</th>
          </tr>
        </thead>
        <tbody>
          {shown
            .filter(({ count }) => count > 0)
            .map(({ day, count }) => (
              <tr key={day}>
                <td>{nameOf(day)}</td>
                <td>{formats.int(count)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}
