/** The inbox of the sandbox internet: what its servers took. */
import { IconMailbox } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { SandboxMessage } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { sandboxQuery } from "../../queries.ts";
import { SandboxDrawer } from "./sandbox-drawer.tsx";
import { returnPath, type SandboxSearch } from "./view-model.ts";

const route = getRouteApi("/sandbox");
const column = columnsOf<SandboxMessage>();

function sandboxColumns(t: TFunction, formats: Formats, open: (id: string) => void): Columns<SandboxMessage> {
  return [
    column.accessor("rcptTo", {
      header: t("sandbox.col.recipient"),
      meta: { width: "28%" },
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
    column.accessor("subject", {
      header: t("sandbox.col.subject"),
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)} title={original.subject}>
          {original.subject === "" ? t("sandbox.noSubject") : original.subject}
        </RowButton>
      ),
    }),
    column.accessor("mailFrom", {
      header: t("sandbox.col.from"),
      meta: { width: "20%", hide: "medium" },
      cell: (info) => <span title={info.getValue()}>{returnPath(info.getValue())}</span>,
    }),
    column.accessor("size", {
      header: t("sandbox.col.size"),
      meta: { num: true, width: "88px", hide: "narrow" },
      cell: (info) => formats.bytes(info.getValue()),
    }),
    column.accessor("at", {
      header: t("sandbox.col.at"),
      meta: { num: true, width: "112px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Sandbox() {
  const { t } = useTranslation();
  const formats = useFormats();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery({ ...sandboxQuery(search.recipient), refetchInterval: 5000 });
  const change = useCallback(
    (part: SandboxSearch) =>
      void navigate({ search: (before: SandboxSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useMemo(() => sandboxColumns(t, formats, (message) => change({ message })), [t, formats, change]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = search.recipient !== undefined;
  return (
    <>
      <PageHead title={t("sandbox.title")} before={t("sandbox.intro")} />
      <Toolbar>
        <TextFilter
          search
          label={t("sandbox.recipient")}
          placeholder={t("log.recipientHint")}
          value={search.recipient}
          onChange={(recipient) => change({ recipient })}
          width={280}
        />
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("sandbox.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          currentId={search.message}
          empty={
            <Empty
              icon={IconMailbox}
              title={filtered ? t("sandbox.emptyFilteredTitle") : t("sandbox.emptyTitle")}
              text={filtered ? undefined : t("sandbox.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {search.message !== undefined && (
        <SandboxDrawer id={search.message} onClose={() => change({ message: undefined })} />
      )}
    </>
  );
}
