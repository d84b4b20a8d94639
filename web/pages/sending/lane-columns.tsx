/** The columns of lanes: where, how much waits, what is allowed, the last minute, what holds it back. */
import { IconPin } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import type { LaneAnswer } from "../../../src/contract/shaping.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { useFormats, useNow } from "../../parts/use-now.ts";
import type { Tone } from "../../tones.ts";
import { ConstraintBadge } from "./constraint-badge.tsx";
import css from "./sending.module.css";

const column = columnsOf<LaneAnswer>();

export function laneColumns(t: TFunction, formats: Formats, open: (id: string) => void): Columns<LaneAnswer> {
  return [
    column.display({
      id: "lane",
      header: t("lanes.col.lane"),
      meta: { width: "22%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)} title={`${original.provider}\n${original.site}`}>
          {original.provider} <span className={css["site"]}>{original.site}</span>
        </RowButton>
      ),
    }),
    column.accessor("source", {
      header: t("lanes.col.source"),
      meta: { width: "84px", hide: "narrow" },
      cell: (info) => (
        <Link className="door" to="/sending" search={{ source: info.getValue() }} title={info.getValue()}>
          {info.getValue()}
        </Link>
      ),
    }),
    column.display({
      id: "waiting",
      header: t("lanes.col.waiting"),
      meta: { num: true, width: "76px" },
      cell: ({ row: { original } }) => formats.int(original.figures.waiting),
    }),
    column.display({
      id: "connections",
      header: t("lanes.col.connections"),
      meta: { num: true, width: "100px", hide: "narrow" },
      cell: ({ row: { original } }) => <Connections lane={original} />,
    }),
    column.display({
      id: "perHour",
      header: () => <span title={t("lanes.perHourMeaning")}>{t("lanes.col.perHour")}</span>,
      meta: { num: true, width: "92px", hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.figures.messagesPerHour === null ? (
          <span className="muted">{t("sending.noLimit")}</span>
        ) : (
          formats.int(original.figures.messagesPerHour)
        ),
    }),
    lastMinute(t, formats, "accepted", "sent"),
    lastMinute(t, formats, "deferred", "retry"),
    lastMinute(t, formats, "refused", "failed"),
    column.display({
      id: "constraint",
      header: t("lanes.col.constraint"),
      cell: ({ row: { original } }) => <HeldBack lane={original} />,
    }),
  ];
}

const FIGURE = {
  accepted: "acceptedLastMinute",
  deferred: "deferredLastMinute",
  refused: "refusedLastMinute",
} as const;

function lastMinute(t: TFunction, formats: Formats, id: keyof typeof FIGURE, tone: Tone) {
  return column.display({
    id,
    header: () => <span title={t("lanes.lastMinute")}>{t(`lanes.col.${id}`)}</span>,
    meta: { num: true, width: "74px", hide: "medium" },
    cell: ({ row: { original } }) => {
      const count = original.figures[FIGURE[id]];
      return count === 0 ? (
        <span className="muted">0</span>
      ) : (
        <span className={css["toned"]} data-tone={tone}>
          {formats.int(count)}
        </span>
      );
    },
  });
}

function Connections({ lane: { figures, pin } }: { lane: LaneAnswer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <>
      {pin !== null && (
        <span className={css["pin"]} title={t("lanes.pinNow", { actor: pin.actor })}>
          <IconPin size={14} role="img" aria-label={t("lanes.pinned")} />
        </span>
      )}
      {t("lanes.of", { n: formats.int(figures.connections), allowed: formats.int(figures.allowedConnections) })}
    </>
  );
}

function HeldBack({ lane: { figures } }: { lane: LaneAnswer }) {
  const formats = useFormats();
  const now = useNow(10);
  const { constraint, why, suspendedUntil } = figures;
  return (
    <span className={css["held"]}>
      <ConstraintBadge constraint={constraint} why={why} />
      <span className={css["why"]} title={why} hidden={constraint === "none"}>
        {suspendedUntil !== null && (
          <time dateTime={suspendedUntil} title={formats.dateTime(suspendedUntil)}>
            {formats.relative(suspendedUntil, now)}
          </time>
        )}{" "}
        {why}
      </span>
    </span>
  );
}
