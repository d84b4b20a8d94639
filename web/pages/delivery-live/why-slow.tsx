/** "Why is it slow?": the one thing that has to go first, in a sentence, and the lanes that wait for most. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import type { ConstraintAnswer } from "../../../src/contract/shaping.ts";
import { useFormats } from "../../parts/use-now.ts";
import { deliveryConstraintQuery } from "../../queries-sending.ts";
import { isOver } from "../delivery/view-model.ts";
import { ConstraintBadge } from "../sending/constraint-badge.tsx";
import css from "./plan.module.css";

const EVERY_MS = 5000;
const LANES_SHOWN = 3;

export function WhySlow({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const over = isOver(delivery.state);
  const { data } = useQuery({
    ...deliveryConstraintQuery(delivery.id),
    refetchInterval: EVERY_MS,
    enabled: !over,
  });
  if (over || data === undefined) return null;
  return (
    <section className={css["slow"]} aria-label={t("why.title")}>
      <p className={css["answer"]}>
        <b>{t("why.title")}</b>
        <ConstraintBadge constraint={data.constraint} />
        <span>
          {data.why === "" ? t("why.notSlow") : data.why} <Until iso={data.until} />
        </span>
      </p>
      {data.lanes.length > 0 && (
        <ul className={css["lanes"]} aria-label={t("why.lanes")}>
          {data.lanes.slice(0, LANES_SHOWN).map((lane) => (
            <Lane key={`${lane.source} ${lane.site}`} lane={lane} />
          ))}
        </ul>
      )}
      {data.lanes.length > LANES_SHOWN && data.constraint !== "none" && (
        <Link className={css["more"]} to="/sending" search={{ constraint: data.constraint }}>
          {t("why.more")}
        </Link>
      )}
    </section>
  );
}

function Lane({ lane }: { lane: ConstraintAnswer["lanes"][number] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { laneId, provider, source, waiting, constraint, why, until } = lane;
  return (
    <li className={css["lane"]}>
      <Link className="door" to="/sending" search={{ provider, source, lane: laneId ?? undefined }} title={lane.site}>
        {provider} · {source}
      </Link>
      <span className={css["waiting"]}>{t("why.waiting", { count: waiting, n: formats.int(waiting) })}</span>
      <ConstraintBadge constraint={constraint} />
      <span className={css["sentence"]}>
        {why} <Until iso={until} />
      </span>
    </li>
  );
}

function Until({ iso }: { iso: string | null }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (iso === null) return null;
  return (
    <time dateTime={iso} title={formats.dateTime(iso)} className="muted">
      ({t("lanes.until", { time: formats.moment(iso) })})
    </time>
  );
}
