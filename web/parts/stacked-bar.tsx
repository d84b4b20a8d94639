/** The one chart: a bar whose parts are the target. The figures that belong to it stand beside it, as text. */
import { useTranslation } from "react-i18next";

import { type AnyPart, totalOf } from "./bar-parts.ts";
import css from "./stacked-bar.module.css";
import { useFormats } from "./use-now.ts";

type Props = { parts: readonly AnyPart[]; slim?: boolean; of?: "live.bar" | "archive.bar" };

export function StackedBar({ parts, slim = false, of = "live.bar" }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const total = totalOf(parts);
  const shown = parts.filter((part) => part.count > 0);
  const words = shown.map((part) => `${t(`part.${part.name}`)} ${formats.int(part.count)}`).join(", ");
  return (
    <div
      className={slim ? css["slim"] : css["bar"]}
      role="img"
      aria-label={`${t(of, { n: formats.int(total) })}: ${words || t("common.none")}`}
      title={words}
    >
      {parts.map((part) => (
        <span
          key={part.name}
          className={css["part"]}
          data-tone={part.tone}
          data-part={part.name}
          data-count={part.count}
          style={{ flexGrow: part.count, minWidth: part.count > 0 ? 3 : 0 }}
        />
      ))}
    </div>
  );
}
