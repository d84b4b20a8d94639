/** Addresses that receive nothing, and the look-up of any one address. */
import { IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type QuarantineRow, quarantineQuery } from "../../queries.ts";
import { QuarantineBadge, QuarantineDrawer } from "./quarantine-drawer.tsx";
import { isAddress } from "./view-model.ts";

const route = getRouteApi("/quarantine");
const column = columnsOf<QuarantineRow>();

function quarantineColumns(t: TFunction, formats: Formats, open: (address: string) => void): Columns<QuarantineRow> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("address", {
      header: t("quarantine.col.address"),
      meta: { width: "30%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.address)} title={original.address}>
          {original.address}
        </RowButton>
      ),
    }),
    column.accessor("status", {
      header: t("quarantine.col.status"),
      meta: { width: "136px" },
      cell: (info) => <QuarantineBadge status={info.getValue()} />,
    }),
    column.accessor("reason", {
      header: t("quarantine.col.reason"),
      meta: { width: "150px", hide: "narrow" },
      cell: (info) => {
        const reason = info.getValue();
        return reason === null ? dash : t(`reason.${reason as "refused"}`, { defaultValue: reason });
      },
    }),
    column.accessor("errors", {
      header: t("quarantine.col.errors"),
      meta: { num: true, width: "76px", hide: "narrow" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("errorText", {
      header: t("quarantine.col.errorText"),
      meta: { hide: "narrow" },
      cell: (info) => {
        const words = info.getValue();
        return words === null ? (
          dash
        ) : (
          <span className="mono" title={words}>
            {words}
          </span>
        );
      },
    }),
  ];
}

export function Quarantine() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { address } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(quarantineQuery);
  const open = (value: string | undefined) =>
    void navigate({ search: { address: value }, replace: true, resetScroll: false });
  const columns = useMemo(() => quarantineColumns(t, formats, open), [t, formats, navigate]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <PageHead title={t("quarantine.title")} />
      <Toolbar>
        <TextFilter
          search
          label={t("quarantine.search")}
          placeholder="name@example.com"
          value={address}
          onChange={open}
          width={320}
        />
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("quarantine.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.address}
          currentId={address}
          empty={<Empty icon={IconShieldCheck} title={t("quarantine.emptyTitle")} text={t("quarantine.emptyText")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {isAddress(address) && <QuarantineDrawer address={address} onClose={() => open(undefined)} />}
    </>
  );
}
