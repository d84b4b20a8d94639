/** The message log of one delivery: filters in the address, rows by cursor, one message in the drawer. */
import { IconFilterOff, IconListDetails } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { messagesQuery } from "../../queries.ts";
import { logColumns } from "./columns.tsx";
import { LogFilters } from "./filters.tsx";
import { MessageDrawer } from "./message-drawer.tsx";
import { filterOf, isFiltered, type LogSearch } from "./view-model.ts";

const route = getRouteApi("/deliveries/$id/messages");

export function MessageLog() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(messagesQuery(id, filterOf(search)));
  const change = useCallback(
    (part: LogSearch) =>
      void navigate({ search: (before: LogSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const open = useCallback((message: string) => change({ message }), [change]);
  const columns = useMemo(() => logColumns(t, formats, open), [t, formats, open]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  return (
    <>
      <LogFilters
        search={search}
        onChange={change}
        onRefresh={() => void query.refetch()}
        refreshing={query.isRefetching && !query.isFetchingNextPage}
      />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("log.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.key}
          currentId={search.message}
          skeletons={15}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconListDetails}
              title={filtered ? t("log.emptyFilteredTitle") : t("log.emptyTitle")}
              text={filtered ? t("log.emptyFilteredText") : t("log.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {search.message !== undefined && (
        <MessageDrawer
          messageKey={search.message}
          recipient={rows?.find((row) => row.key === search.message)?.recipient}
          onClose={() => change({ message: undefined })}
        />
      )}
    </>
  );
}
