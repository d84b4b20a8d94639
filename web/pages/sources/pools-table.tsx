/** The pools, each with the shares that its sources have now. */
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { PoolAnswer, SourceAnswer } from "../../../src/contract/shaping.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import css from "./sources.module.css";
import { type Share, sharesOf } from "./view-model.ts";

const column = columnsOf<PoolAnswer>();

function poolColumns(t: TFunction, sources: readonly SourceAnswer[]): Columns<PoolAnswer> {
  return [
    column.accessor("name", {
      header: t("pools.col.name"),
      meta: { width: "20%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/sending/pools/$id"
          params={{ id: original.id }}
          title={original.name}
        >
          {original.name}
        </Link>
      ),
    }),
    column.display({
      id: "members",
      header: t("pools.col.members"),
      cell: ({ row: { original } }) => <Shares shares={sharesOf(original.members, sources)} />,
    }),
  ];
}

function Shares({ shares }: { shares: readonly Share[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <ul className={css["shares"]}>
      {shares.map(({ source, name, weight, share }) => (
        <li key={source} title={`${t("poolForm.weightWord")} ${formats.int(weight)}`}>
          {name === null ? (
            <span className="muted">{t("pools.gone", { id: source })}</span>
          ) : (
            <Link className="door" to="/sending/sources/$id" params={{ id: source }}>
              {name}
            </Link>
          )}{" "}
          {share === null ? <span className="muted">{t("pools.unusable")}</span> : <b>{formats.share(share)}</b>}
        </li>
      ))}
    </ul>
  );
}

type Props = { pools: readonly PoolAnswer[] | undefined; sources: readonly SourceAnswer[] };

export function PoolsTable({ pools, sources }: Props) {
  const { t } = useTranslation();
  const columns = useMemo(() => poolColumns(t, sources), [t, sources]);
  return (
    <DataTable
      wrap
      label={t("pools.title")}
      columns={columns}
      rows={pools}
      rowId={({ id }) => id}
      skeletons={2}
      empty={<p className="muted">{t("pools.empty")}</p>}
    />
  );
}
