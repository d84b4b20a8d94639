/** Messages that programs ask for, one by one: what became of each, the newest first. */
import { Button } from "@mantine/core";
import { IconFilterOff, IconMailBolt, IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { SINGLE_STATUSES } from "../../../src/contract/messages.ts";
import type { SingleMessage } from "../../../src/contract/index.ts";
import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { ClearFilters } from "../../parts/clear-filters.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { singleMessagesQuery } from "../../queries.ts";
import { MessageDrawer } from "../message-log/message-drawer.tsx";
import { SingleBadge } from "./single-badge.tsx";
import css from "./single-messages.module.css";
import { filterOf, isFiltered, type SingleSearch } from "./view-model.ts";

const route = getRouteApi("/single-messages");
const column = columnsOf<SingleMessage>();

function singleColumns(t: TFunction, open: (id: string) => void): Columns<SingleMessage> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("to", {
      header: t("log.col.recipient"),
      meta: { width: "20%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)} title={original.to}>
          {original.to}
        </RowButton>
      ),
    }),
    column.accessor("status", {
      header: t("log.col.status"),
      meta: { width: "150px" },
      cell: (info) => <SingleBadge status={info.getValue()} />,
    }),
    column.accessor("subject", {
      header: t("single.subject"),
      meta: { hide: "narrow" },
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
    column.accessor("externalId", {
      header: t("single.externalId"),
      meta: { width: "14%", hide: "medium" },
      cell: (info) => {
        const id = info.getValue();
        return id === null ? dash : <code className="mono">{id}</code>;
      },
    }),
    column.accessor("reply", {
      header: t("log.col.reply"),
      meta: { width: "18%", hide: "narrow" },
      cell: (info) => {
        const reply = info.getValue();
        return reply === null ? (
          dash
        ) : (
          <span className="mono" title={reply}>
            {reply}
          </span>
        );
      },
    }),
    column.accessor("acceptedAt", {
      header: t("single.accepted"),
      meta: { num: true, width: "120px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function SingleMessages() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(singleMessagesQuery(filterOf(search)));
  const change = useCallback(
    (part: SingleSearch) =>
      void navigate({ search: (before: SingleSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useMemo(() => singleColumns(t, (message) => change({ message })), [t, change]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  return (
    <>
      <PageHead title={t("single.title")} />
      <p className={css["intro"]}>{t("single.intro")}</p>
      <Toolbar>
        <TextFilter
          search
          label={t("log.recipient")}
          placeholder="name@example.com"
          value={search.recipient}
          onChange={(recipient) => change({ recipient })}
          width={260}
        />
        <TextFilter
          label={t("single.externalId")}
          value={search.externalId}
          onChange={(externalId) => change({ externalId })}
          width={200}
        />
        <ChoiceFilter
          label={t("log.status")}
          width={170}
          value={search.status}
          values={SINGLE_STATUSES}
          word={(value) => t(`single.status.${value}`)}
          onChange={(status) => change({ status })}
        />
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => void query.refetch()}
          loading={query.isRefetching && !query.isFetchingNextPage}
        >
          {t("common.refresh")}
        </Button>
        {filtered && (
          <ClearFilters onClick={() => change({ status: undefined, recipient: undefined, externalId: undefined })} />
        )}
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("single.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          currentId={search.message}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconMailBolt}
              title={t(filtered ? "log.emptyFilteredTitle" : "single.emptyTitle")}
              text={t(filtered ? "log.emptyFilteredText" : "single.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {search.message !== undefined && (
        <MessageDrawer
          messageKey={search.message}
          recipient={rows?.find((row) => row.id === search.message)?.to}
          onClose={() => change({ message: undefined })}
        />
      )}
    </>
  );
}
