/** The sources by their numbers, which MX rules name. */
import { IconCircleCheck, IconToggleLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { SourceAnswer } from "../../../src/contract/shaping.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";

const column = columnsOf<SourceAnswer>();
const dash = <span className="muted">–</span>;

function sourceColumns(t: TFunction): Columns<SourceAnswer> {
  const address = (id: "addressV4" | "addressV6", header: string, width: string, hide?: "medium") =>
    column.accessor(id, {
      header,
      meta: { width, ...(hide === undefined ? {} : { hide }) },
      cell: (info) => {
        const value = info.getValue();
        return value === null ? (
          dash
        ) : (
          <span className="mono" title={value}>
            {value}
          </span>
        );
      },
    });
  return [
    column.accessor("id", {
      header: t("sources.col.id"),
      meta: { num: true, width: "64px", hide: "narrow" },
    }),
    column.accessor("name", {
      header: t("sources.col.name"),
      meta: { width: "16%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/sending/sources/$id"
          params={{ id: original.id }}
          title={original.name}
        >
          {original.name}
        </Link>
      ),
    }),
    address("addressV4", t("sources.col.v4"), "132px"),
    address("addressV6", t("sources.col.v6"), "18%", "medium"),
    column.accessor("helo", {
      header: t("sources.col.helo"),
      meta: { hide: "narrow" },
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
    column.accessor("sender", {
      header: t("sources.col.sender"),
      meta: { num: true, width: "96px", hide: "medium" },
      cell: (info) => info.getValue() ?? <span className="muted">{t("sources.byNumber")}</span>,
    }),
    column.accessor("warmUp", {
      header: t("sources.col.warmUp"),
      meta: { width: "104px", hide: "narrow" },
      cell: (info) =>
        info.getValue() === "automatic" ? (
          <Link className="door" to="/sending/warm-up">
            {t("sources.warmUps.automatic")}
          </Link>
        ) : (
          <span className="muted">{t("sources.warmUps.off")}</span>
        ),
    }),
    column.accessor("enabled", {
      header: t("sources.col.state"),
      meta: { width: "104px" },
      cell: (info) =>
        info.getValue() ? (
          <Badge tone="sent" icon={IconCircleCheck} word={t("sources.on")} />
        ) : (
          <Badge tone="excluded" icon={IconToggleLeft} word={t("sources.off")} title={t("sourceForm.enabledHint")} />
        ),
    }),
  ];
}

type Props = { sources: readonly SourceAnswer[] | undefined; empty: ReactNode };

export function SourcesTable({ sources, empty }: Props) {
  const { t } = useTranslation();
  const columns = useMemo(() => sourceColumns(t), [t]);
  return (
    <DataTable
      label={t("sources.title")}
      columns={columns}
      rows={sources}
      rowId={({ id }) => id}
      skeletons={3}
      empty={empty}
    />
  );
}
