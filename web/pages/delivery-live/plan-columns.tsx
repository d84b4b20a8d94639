/** The columns of a plan; those of what it became once it is over. */
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";

import type { Formats } from "../../format.ts";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { ConstraintBadge } from "../sending/constraint-badge.tsx";
import type { PlannedRow } from "./plan-model.ts";
import css from "./plan.module.css";

const column = columnsOf<PlannedRow>();
const dash = <span className="muted">–</span>;

export function planColumns(t: TFunction, formats: Formats, isOver: boolean): Columns<PlannedRow> {
  const time = (iso: string | null) =>
    iso === null ? (
      dash
    ) : (
      <time dateTime={iso} title={formats.dateTime(iso)}>
        {formats.moment(iso)}
      </time>
    );
  return [
    column.accessor("provider", {
      header: t("plan.col.provider"),
      meta: { width: "16%" },
      cell: (info) => (
        <Link className={rowLinkClass} data-row-link to="/sending" search={{ provider: info.getValue() }}>
          {info.getValue()}
        </Link>
      ),
    }),
    column.accessor("messages", {
      header: t("plan.col.messages"),
      meta: { num: true, width: "92px" },
      cell: (info) => formats.int(info.getValue()),
    }),
    // What it became takes the place of the start.
    ...(isOver ? [] : [startAt(t, time)]),
    column.accessor("endAt", {
      header: t("plan.col.end"),
      meta: { num: true, width: "120px" },
      cell: ({ row: { original } }) => (
        <>
          {time(original.endAt)}
          {original.late > 0 && (
            <span
              className={css["late"]}
              data-tone="failed"
              title={t("plan.late", { count: original.late, n: formats.int(original.late) })}
            >
              {" "}
              {t("plan.lateShort", { n: formats.int(original.late) })}
            </span>
          )}
        </>
      ),
    }),
    ...(isOver ? [realEnd(t, time)] : []),
    column.accessor("messagesPerHour", {
      header: t("plan.col.perHour"),
      meta: { num: true, width: "104px", hide: "narrow" },
      cell: (info) => (info.row.original.messages === 0 ? dash : formats.int(info.getValue())),
    }),
    ...(isOver ? [realPerHour(t, formats)] : []),
    column.display({
      id: "binds",
      header: t("plan.col.binds"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.messages === 0 ? (
          dash
        ) : (
          <span className={css["binds"]} title={original.why}>
            <ConstraintBadge constraint={original.constraint} />
            <span className={css["why"]}>{original.why}</span>
          </span>
        ),
    }),
  ];
}

const startAt = (t: TFunction, time: (iso: string | null) => ReactNode) =>
  column.accessor("startAt", {
    header: t("plan.col.start"),
    meta: { num: true, width: "120px", hide: "medium" },
    cell: (info) => time(info.getValue()),
  });

const realEnd = (t: TFunction, time: (iso: string | null) => ReactNode) =>
  column.display({
    id: "realEnd",
    header: t("plan.col.realEnd"),
    meta: { num: true, width: "120px" },
    cell: ({ row: { original } }) => time(original.real?.endAt ?? null),
  });

const realPerHour = (t: TFunction, formats: Formats) =>
  column.display({
    id: "realPerHour",
    header: t("plan.col.realPerHour"),
    meta: { num: true, width: "136px", hide: "narrow" },
    cell: ({ row: { original } }) => (original.real === null ? dash : formats.int(original.real.messagesPerHour)),
  });
