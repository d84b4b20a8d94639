/** The operator's rules, the first that matches first; arrows change the order at once. */
import { IconAlertTriangle, IconCircleCheck, IconToggleLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { type Move, OrderArrows, useRowOrder } from "../../parts/row-order.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type MxRule, rulesQuery } from "../../queries-sending.ts";
import css from "./mx-rules.module.css";

const column = columnsOf<MxRule>();

function ruleColumns(t: TFunction, formats: Formats, move: Move): Columns<MxRule> {
  const range = ({ min, max }: { min: number; max: number }) =>
    min === max ? formats.int(min) : t("rules.range", { min: formats.int(min), max: formats.int(max) });
  return [
    column.accessor("name", {
      header: t("rules.col.name"),
      meta: { width: "20%" },
      cell: ({ row: { original } }) => (
        <Link className={rowLinkClass} data-row-link to="/sending/rules/$id" params={{ id: original.id }}>
          <span className={css["position"]}>{original.position}</span> {original.name}
        </Link>
      ),
    }),
    column.accessor("mx", {
      header: t("rules.col.mx"),
      cell: (info) => (
        <span className="mono" title={info.getValue().join("\n")}>
          {info.getValue().join(" ")}
        </span>
      ),
    }),
    column.accessor("sources", {
      header: t("rules.col.sources"),
      meta: { num: true, width: "84px", hide: "medium" },
      cell: (info) => {
        const sources = info.getValue();
        if (sources === null) return <span className="muted">{t("rules.allSources")}</span>;
        return range({ min: sources.from, max: sources.to });
      },
    }),
    column.accessor("connections", {
      header: t("rules.col.connections"),
      meta: { num: true, width: "96px", hide: "narrow" },
      cell: (info) => range(info.getValue()),
    }),
    column.accessor("messagesPerHour", {
      header: t("rules.col.perHour"),
      meta: { num: true, width: "128px", hide: "narrow" },
      cell: (info) => {
        const limit = info.getValue();
        return limit === null ? <span className="muted">{t("sending.noLimit")}</span> : range(limit);
      },
    }),
    column.accessor("tls", {
      header: t("rules.col.tls"),
      meta: { width: "96px", hide: "medium" },
      cell: ({ row: { original } }) => (
        <span title={t(`rules.tlsMeaning.${original.tls}`)}>{t(`rules.tls.${original.tls}`)}</span>
      ),
    }),
    column.display({
      id: "state",
      header: t("rules.col.state"),
      meta: { width: "138px", hide: "narrow" },
      cell: ({ row: { original } }) => <State rule={original} />,
    }),
    column.display({
      id: "order",
      header: t("rules.col.order"),
      meta: { width: "88px" },
      cell: ({ row: { original, index }, table }) => (
        <OrderArrows
          row={original}
          isFirst={index === 0}
          isLast={index === table.getRowModel().rows.length - 1}
          move={move}
        />
      ),
    }),
  ];
}

function State({ rule }: { rule: MxRule }) {
  const { t } = useTranslation();
  const [warning] = rule.warnings;
  if (warning !== undefined) {
    return <Badge tone="retry" icon={IconAlertTriangle} word={t("rules.warning")} title={warning.message} />;
  }
  return rule.enabled ? (
    <Badge tone="sent" icon={IconCircleCheck} word={t("rules.on")} />
  ) : (
    <Badge tone="excluded" icon={IconToggleLeft} word={t("rules.off")} title={t("rules.offMeaning")} />
  );
}

export function RulesTable({ rules, empty }: { rules: readonly MxRule[] | undefined; empty: ReactNode }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const move = useRowOrder(rules, rulesQuery.queryKey, "/mx-rules/actions/order");
  const columns = useMemo(() => ruleColumns(t, formats, move), [t, formats, move]);
  return (
    <DataTable
      label={t("rules.title")}
      columns={columns}
      rows={rules}
      rowId={({ id }) => id}
      skeletons={3}
      empty={empty}
    />
  );
}
