/** The columns of the list of deliveries; each number opens its rows. */
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";

import type { DeliverySummary } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { barParts } from "../../parts/bar-parts.ts";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { StackedBar } from "../../parts/stacked-bar.tsx";
import { When } from "../../parts/when.tsx";
import { isCounted, opensIn } from "./view-model.ts";

const column = columnsOf<DeliverySummary>();

export function deliveryColumns(t: TFunction, formats: Formats): Columns<DeliverySummary> {
  const dash = <span className="muted">–</span>;
  const count = (id: "sent" | "failed" | "pending", hide?: "medium" | "narrow") =>
    column.display({
      id,
      header: t(`deliveries.col.${id}`),
      meta: { num: true, width: "78px", ...(hide === undefined ? {} : { hide }) },
      cell: ({ row: { original } }) =>
        isCounted(original) ? (
          <Link className="door" to="/deliveries/$id/messages" params={{ id: original.id }} search={{ status: id }}>
            {formats.int(original[id])}
          </Link>
        ) : (
          dash
        ),
    });
  return [
    column.accessor("label", {
      header: t("deliveries.col.label"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to={opensIn(original.state)}
          params={{ id: original.id }}
          title={original.label}
        >
          {original.label}
        </Link>
      ),
    }),
    column.accessor("state", {
      header: t("deliveries.col.state"),
      meta: { width: "126px" },
      cell: ({ row: { original } }) => (
        <span title={original.holdReason ?? undefined}>
          <StateBadge state={original.state} />
        </span>
      ),
    }),
    column.display({
      id: "progress",
      header: t("deliveries.col.progress"),
      meta: { width: "14%", hide: "narrow" },
      cell: ({ row: { original } }) =>
        isCounted(original) ? (
          <StackedBar slim parts={barParts(original)} />
        ) : (
          <span className="muted">{t("common.notKnown")}</span>
        ),
    }),
    column.accessor("toDeliver", {
      header: t("deliveries.col.toDeliver"),
      meta: { num: true, width: "84px", hide: "narrow" },
      cell: ({ row: { original } }) => (isCounted(original) ? formats.int(original.toDeliver) : dash),
    }),
    count("sent"),
    count("failed", "narrow"),
    count("pending", "narrow"),
    column.display({
      id: "success",
      header: t("deliveries.col.success"),
      meta: { num: true, width: "86px", hide: "medium" },
      cell: ({ row: { original } }) => {
        const base = { part: formats.int(original.sent), base: formats.int(original.toDeliver) };
        const share = formats.percent(original.sent, original.toDeliver);
        return share === null ? dash : <span title={t("common.ofBase", base)}>{share}</span>;
      },
    }),
    column.accessor("startedAt", {
      header: t("deliveries.col.started"),
      meta: { width: "104px", hide: "medium" },
      cell: (info) => {
        const iso = info.getValue();
        return iso === null ? dash : <When iso={iso} />;
      },
    }),
  ];
}
