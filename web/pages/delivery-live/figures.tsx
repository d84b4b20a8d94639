/** The figures of the bar, in its order: icon, word, number, share of what is to deliver. They are its legend and its table. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Delivery, Indicators } from "../../../src/contract/index.ts";
import { EXCLUDED_ICON, STATUS_ICON } from "../../parts/badge.tsx";
import type { BarPart } from "../../parts/bar-parts.ts";
import { useFormats } from "../../parts/use-now.ts";
import css from "./live.module.css";
import { figuresOf } from "./view-model.ts";

type Props = { delivery: Delivery; indicators: Indicators };

export function Figures({ delivery, indicators }: Props) {
  return (
    <ul className={css["figures"]}>
      {figuresOf(indicators, delivery.state).map((part) => (
        <Figure key={part.name} id={delivery.id} part={part} indicators={indicators} />
      ))}
    </ul>
  );
}

function Figure({ id, part, indicators }: { id: string; part: BarPart; indicators: Indicators }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const base = part.status === null ? indicators.targeted : indicators.toDeliver;
  const share = formats.percent(part.count, base);
  const Glyph = part.status === null ? EXCLUDED_ICON : STATUS_ICON[part.status];
  const count = formats.int(part.count);
  const body = (
    <>
      <span className={css["word"]}>
        <Glyph size={15} stroke={2} aria-hidden />
        {t(`part.${part.name}`)}
      </span>
      <span className={css["count"]}>{count}</span>
      <span className={css["share"]} title={t("common.ofBase", { part: count, base: formats.int(base) })}>
        {share ?? " "}
      </span>
    </>
  );
  return (
    <li
      className={css["figure"]}
      data-tone={part.tone}
      data-figure={part.name}
      data-zero={part.count === 0 || undefined}
      title={part.status === null ? undefined : t(`statusMeaning.${part.status}`)}
    >
      {part.status === null ? (
        <Link to="/deliveries/$id/exclusions" params={{ id }} className={css["door"]}>
          {body}
        </Link>
      ) : (
        <Link to="/deliveries/$id/messages" params={{ id }} search={{ status: part.status }} className={css["door"]}>
          {body}
        </Link>
      )}
    </li>
  );
}
