/** The audit log: who changed what, when and from where; the drawer has before and after. */
import { TextInput } from "@mantine/core";
import { IconFilterOff, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { AuditLine } from "../../../src/contract/operators.ts";
import { ClearFilters } from "../../parts/clear-filters.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { auditLogQuery } from "../../queries-operators.ts";
import { AccessHead } from "./access-head.tsx";
import { AuditDrawer } from "./audit-drawer.tsx";
import { auditFilterOf, type AuditSearch, isAuditFiltered, NO_AUDIT_FILTER } from "./view-model.ts";

const route = getRouteApi("/audit");
const column = columnsOf<AuditLine>();

function auditColumns(t: TFunction, open: (id: string) => void): Columns<AuditLine> {
  return [
    column.accessor("at", {
      header: t("access.at"),
      meta: { width: "120px" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)}>
          <When iso={original.at} />
        </RowButton>
      ),
    }),
    column.accessor("actor", {
      header: t("access.who"),
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
    column.accessor("action", { header: t("access.action"), meta: { width: "150px" } }),
    column.display({
      id: "thing",
      header: t("access.thing"),
      cell: ({ row: { original } }) => {
        const thing = `${original.resource} ${original.resourceId ?? ""}`.trim();
        return <span title={thing}>{thing}</span>;
      },
    }),
    column.display({
      id: "changes",
      header: t("access.changes"),
      meta: { hide: "medium" },
      cell: ({ row: { original } }) => {
        const places = original.changes.map(({ pointer }) => pointer.slice(1)).join(", ");
        return places === "" ? <span className="muted">–</span> : <span title={places}>{places}</span>;
      },
    }),
    column.accessor("status", {
      header: t("access.status"),
      meta: { num: true, width: "90px", hide: "narrow" },
      cell: (info) => info.getValue() ?? <span className="muted">{t("common.notKnown")}</span>,
    }),
    column.accessor("address", { header: t("access.address"), meta: { width: "130px", hide: "medium" } }),
  ];
}

export function Audit() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: AuditSearch) =>
      void navigate({
        search: (before: AuditSearch) => ({ ...before, ...part }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const open = useCallback((line: string | undefined) => change({ line }), [change]);
  const query = useInfiniteQuery(auditLogQuery(auditFilterOf(search)));
  const columns = useMemo(() => auditColumns(t, open), [t, open]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isAuditFiltered(search);
  const shown = rows?.find(({ id }) => id === search.line);
  return (
    <>
      <AccessHead intro={t("access.auditIntro")} />
      <Filters search={search} onChange={change} filtered={filtered} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("access.tab.audit")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          currentId={search.line}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconHistory}
              title={t(filtered ? "access.auditFiltered" : "access.auditEmpty")}
              text={filtered ? t("log.emptyFilteredText") : undefined}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {shown !== undefined && <AuditDrawer line={shown} onClose={() => open(undefined)} onFilter={change} />}
    </>
  );
}

type FiltersProps = { search: AuditSearch; onChange: (part: AuditSearch) => void; filtered: boolean };

function Filters({ search, onChange, filtered }: FiltersProps) {
  const { t } = useTranslation();
  const text = (name: "actor" | "action" | "resource" | "id" | "address", label: string, width: number) => (
    <TextFilter
      label={label}
      search={name === "actor"}
      value={search[name]}
      onChange={(value) => onChange({ [name]: value })}
      width={width}
    />
  );
  const day = (name: "since" | "until", label: string) => (
    <TextInput
      type="date"
      label={label}
      w={150}
      max="9999-12-31"
      value={search[name] ?? ""}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
    />
  );
  return (
    <Toolbar>
      {text("actor", t("access.who"), 200)}
      {text("action", t("access.action"), 150)}
      {text("resource", t("access.resource"), 150)}
      {text("id", t("access.id"), 110)}
      {text("address", t("access.address"), 140)}
      {day("since", t("access.from"))}
      {day("until", t("access.to"))}
      {filtered && <ClearFilters onClick={() => onChange(NO_AUDIT_FILTER)} />}
    </Toolbar>
  );
}
