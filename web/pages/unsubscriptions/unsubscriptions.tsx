/** Who asked not to be written to, when, by which way, and after which message. */
import { IconArrowBackUp, IconMailOff } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Unsubscription } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { unsubscriptionsQuery } from "../../queries.ts";
import { isAddress } from "../quarantine/view-model.ts";
import css from "./unsubscriptions.module.css";

const route = getRouteApi("/unsubscriptions");
type Row = Unsubscription & { row: number };
const column = columnsOf<Row>();

function unsubscriptionColumns(t: TFunction, formats: Formats): Columns<Row> {
  return [
    column.accessor("address", {
      header: t("unsubscriptions.col.address"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/quarantine"
          search={{ address: original.address }}
          title={original.address}
        >
          {original.address}
        </Link>
      ),
    }),
    column.accessor("source", {
      header: t("unsubscriptions.col.source"),
      meta: { width: "20%", hide: "narrow" },
      cell: ({ row: { original } }) => (
        <span title={t(`unsubscriptions.meaning.${original.source}`)}>
          {t(`unsubscriptions.source.${original.source}`)}
        </span>
      ),
    }),
    column.display({
      id: "state",
      header: t("unsubscriptions.col.state"),
      meta: { width: "150px" },
      cell: ({ row: { original } }) =>
        original.undoneAt === null ? (
          <Badge tone="excluded" icon={IconMailOff} word={t("unsubscriptions.stands")} />
        ) : (
          <Badge
            tone={null}
            icon={IconArrowBackUp}
            word={t("unsubscriptions.undone")}
            title={formats.dateTime(original.undoneAt)}
          />
        ),
    }),
    column.accessor("messageKey", {
      header: t("unsubscriptions.col.message"),
      meta: { width: "18%", hide: "narrow" },
      cell: ({ row: { original } }) => (
        <Link className="door" to="/messages" search={{ message: original.messageKey }}>
          {original.messageKey}
        </Link>
      ),
    }),
    column.accessor("at", {
      header: t("unsubscriptions.col.at"),
      meta: { num: true, width: "130px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Unsubscriptions() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { address } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(unsubscriptionsQuery(isAddress(address) ? address : undefined));
  const columns = useMemo(() => unsubscriptionColumns(t, formats), [t, formats]);
  // One address may come more than once: its place is its name.
  const rows = query.data?.pages.flatMap((page) => page.data).map((each, row) => ({ ...each, row }));
  return (
    <>
      <PageHead title={t("unsubscriptions.title")} />
      <p className={css["intro"]}>{t("unsubscriptions.intro")}</p>
      <Toolbar>
        <TextFilter
          search
          label={t("quarantine.search")}
          placeholder="name@example.com"
          value={address}
          onChange={(value) => void navigate({ search: { address: value }, replace: true, resetScroll: false })}
          width={320}
        />
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("unsubscriptions.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => String(row.row)}
          empty={
            <Empty
              icon={IconMailOff}
              title={t(isAddress(address) ? "unsubscriptions.noneOfAddress" : "unsubscriptions.emptyTitle")}
              text={isAddress(address) ? undefined : t("unsubscriptions.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
