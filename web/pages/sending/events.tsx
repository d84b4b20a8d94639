/** "What shaping did": restrictions, adjustments and alerts, newest first, each with its cause and its end; restrictions can be undone. */
import { NativeSelect } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconFilterOff, IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type ReactNode, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { ShapingEventAnswer } from "../../../src/contract/shaping.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { shapingEventsQuery } from "../../queries-sending.ts";
import { EventList } from "./event-list.tsx";
import { EventAbout, EventCause, EventEffect, EventEnd, EventKind } from "./event-parts.tsx";
import { ProviderFilter, SourceFilter } from "./place-filters.tsx";
import css from "./sending.module.css";
import { SendingHead } from "./sending-head.tsx";
import { eventFilter, type EventSearch, isFiltered, SHOWS } from "./view-model.ts";

const route = getRouteApi("/sending/events");
const column = columnsOf<ShapingEventAnswer>();
const EVERY_MS = 5000;

function eventColumns(t: TFunction): Columns<ShapingEventAnswer> {
  return [
    column.accessor("at", {
      header: t("shaping.col.at"),
      meta: { width: "92px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.display({
      id: "what",
      header: t("shaping.col.what"),
      meta: { width: "168px" },
      cell: ({ row: { original } }) => (
        <span className={css["what"]}>
          <EventKind event={original} />
          <EventEffect event={original} />
        </span>
      ),
    }),
    column.display({
      id: "about",
      header: t("shaping.col.about"),
      cell: ({ row: { original } }) => <EventAbout event={original} />,
    }),
    column.display({
      id: "cause",
      header: t("shaping.col.cause"),
      meta: { width: "16%", hide: "medium" },
      cell: ({ row: { original } }) => <EventCause event={original} />,
    }),
    column.display({
      id: "end",
      header: t("shaping.col.until"),
      meta: { width: "148px", hide: "narrow" },
      cell: ({ row: { original } }) => <EventEnd event={original} />,
    }),
  ];
}

export function ShapingEvents() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const query = useInfiniteQuery({ ...shapingEventsQuery(eventFilter(search)), refetchInterval: EVERY_MS });
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  return (
    <>
      <SendingHead intro={t("shaping.intro")} />
      <Filters search={search} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Rows
          rows={rows}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconShieldCheck}
              title={t(filtered ? "shaping.emptyFiltered" : "shaping.emptyTitle")}
              text={filtered ? undefined : t("shaping.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}

/** Replies are long: where there is no room for columns beside them, each event is a block. */
function Rows({ rows, empty }: { rows: readonly ShapingEventAnswer[] | undefined; empty: ReactNode }) {
  const { t } = useTranslation();
  const isNarrow = useMediaQuery("(max-width: 700px)", undefined, { getInitialValueInEffect: false });
  const columns = useMemo(() => eventColumns(t), [t]);
  if (isNarrow && rows !== undefined && rows.length > 0) return <EventList events={rows} />;
  return (
    <DataTable
      wrap
      label={t("sending.tab.events")}
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      empty={empty}
    />
  );
}

function Filters({ search }: { search: EventSearch }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: EventSearch) =>
      void navigate({ search: (before: EventSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  return (
    <Toolbar>
      <NativeSelect
        label={t("shaping.show")}
        w={190}
        value={search.show ?? ""}
        data={[
          { value: "", label: t("shaping.shows.all") },
          ...SHOWS.map((value) => ({ value, label: t(`shaping.shows.${value}`) })),
        ]}
        onChange={(event) => change({ show: SHOWS.find((each) => each === event.currentTarget.value) })}
      />
      <ProviderFilter value={search.provider} onChange={(provider) => change({ provider })} />
      <SourceFilter value={search.source} onChange={(source) => change({ source })} />
      <TextFilter
        label={t("shaping.delivery")}
        placeholder={t("shaping.deliveryHint")}
        value={search.delivery}
        onChange={(delivery) => change({ delivery })}
        width={140}
      />
    </Toolbar>
  );
}
