/** The copies themselves, oldest deliveries first: filters in the address, each row a door to its message. */
import { NativeSelect } from "@mantine/core";
import { IconArchive, IconFilterOff } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Copy } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { copiesQuery } from "../../queries.ts";
import { CopyBadge } from "./copy-badge.tsx";
import { type ArchiveRow, COPY_STATES, type CopySearch, isFiltered, timeOf } from "./view-model.ts";

const route = getRouteApi("/archive");
const column = columnsOf<Copy>();
const EVERY_MS = 5000;

function copyColumns(t: TFunction, formats: Formats): Columns<Copy> {
  return [
    column.accessor("key", {
      header: t("archive.col.message"),
      meta: { width: "18%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/deliveries/$id/messages"
          params={{ id: original.deliveryId }}
          search={{ message: original.key }}
        >
          <span className="mono">{original.key}</span>
          {original.seed && <span className="muted"> {t("copies.seed")}</span>}
        </Link>
      ),
    }),
    column.accessor("archiveName", {
      header: t("archive.col.name"),
      meta: { width: "20%", hide: "narrow" },
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
    column.accessor("state", {
      header: t("archive.col.state"),
      meta: { width: "128px" },
      cell: (info) => <CopyBadge state={info.getValue()} />,
    }),
    column.accessor("attempts", {
      header: t("archive.col.attempts"),
      meta: { num: true, width: "84px", hide: "narrow" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("reply", {
      header: t("archive.col.lastReply"),
      meta: { hide: "narrow" },
      cell: (info) =>
        info.getValue() === "" ? (
          <span className="muted">–</span>
        ) : (
          <span className="mono" title={info.getValue()}>
            {info.getValue()}
          </span>
        ),
    }),
    column.display({
      id: "at",
      header: t("archive.col.at"),
      meta: { num: true, width: "112px" },
      cell: ({ row: { original } }) => <When iso={timeOf(original)} />,
    }),
  ];
}

export function Copies({ archives }: { archives: readonly ArchiveRow[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const search = route.useSearch();
  const query = useInfiniteQuery({ ...copiesQuery(search), refetchInterval: EVERY_MS });
  const columns = useMemo(() => copyColumns(t, formats), [t, formats]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  // A page may be empty and not the last one: the server looks through so many copies at a time.
  const goesOn = rows?.length === 0 && query.hasNextPage;
  const { fetchNextPage, isFetching } = query;
  useEffect(() => {
    if (goesOn && !isFetching) void fetchNextPage();
  }, [goesOn, isFetching, fetchNextPage]);
  return (
    <>
      <Filters search={search} archives={archives} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("archive.copies")}
          columns={columns}
          rows={goesOn ? undefined : rows}
          rowId={(row) => `${row.key} ${row.archiveId}`}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconArchive}
              title={t(filtered ? "copies.emptyFiltered" : "copies.emptyTitle")}
              text={filtered ? undefined : t("copies.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}

function Filters({ search, archives }: { search: CopySearch; archives: readonly ArchiveRow[] }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: CopySearch) =>
      void navigate({ search: (before: CopySearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const any = { value: "", label: t("copies.any") };
  return (
    <Toolbar>
      <NativeSelect
        label={t("archive.col.state")}
        w={160}
        value={search.state ?? ""}
        data={[any, ...COPY_STATES.map((value) => ({ value, label: t(`copies.state.${value}`) }))]}
        onChange={(event) => change({ state: COPY_STATES.find((each) => each === event.currentTarget.value) })}
      />
      <NativeSelect
        label={t("archive.col.name")}
        w={200}
        value={search.archive ?? ""}
        data={[
          { value: "", label: t("copies.anyArchive") },
          ...archives.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(event) => change({ archive: event.currentTarget.value || undefined })}
      />
      <TextFilter
        label={t("copies.delivery")}
        placeholder={t("copies.deliveryHint")}
        value={search.delivery}
        onChange={(delivery) => change({ delivery })}
        width={140}
      />
    </Toolbar>
  );
}
