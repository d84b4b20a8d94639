/** Who is targeted and gets nothing, and why. */
import { NativeSelect } from "@mantine/core";
import { IconCircleDashed } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Exclusion } from "../../../src/contract/index.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { deliveryQuery, exclusionsQuery } from "../../queries.ts";
import { EXCLUSION_REASONS } from "./view-model.ts";

const route = getRouteApi("/deliveries/$id/exclusions");
const column = columnsOf<Exclusion & { row: number }>();

function exclusionColumns(t: TFunction): Columns<Exclusion & { row: number }> {
  return [
    column.accessor("address", {
      header: t("exclusions.address"),
      meta: { width: "38%" },
      cell: (info) => {
        const address = info.getValue();
        return address === "" ? (
          <span className="muted">{t("exclusions.noAddress")}</span>
        ) : (
          <span title={address}>{address}</span>
        );
      },
    }),
    column.accessor("reason", {
      header: t("exclusions.reason"),
      meta: { width: "164px" },
      cell: ({ row: { original } }) => t(`exclusion.${original.reason}`),
    }),
    column.accessor("detail", {
      header: t("exclusions.detail"),
      meta: { hide: "narrow" },
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
  ];
}

export function Exclusions() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { reason } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: delivery } = useQuery(deliveryQuery(id));
  const query = useInfiniteQuery(exclusionsQuery(id, reason));
  const columns = useMemo(() => exclusionColumns(t), [t]);
  // The API gives excluded rows no key (an empty address may come many times): their place is their name.
  const rows = query.data?.pages.flatMap((page) => page.data).map((each, row) => ({ ...each, row }));
  const analysed = delivery === undefined || delivery.analysedAt !== null;
  return (
    <>
      <Toolbar>
        <NativeSelect
          data-search
          label={t("exclusions.reason")}
          w={220}
          value={reason ?? ""}
          data={[
            { value: "", label: t("log.any") },
            ...EXCLUSION_REASONS.map((value) => ({ value, label: t(`exclusion.${value}`) })),
          ]}
          onChange={(event) => {
            const chosen = EXCLUSION_REASONS.find((each) => each === event.currentTarget.value);
            void navigate({ search: { reason: chosen }, replace: true });
          }}
        />
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("exclusions.title")}
          columns={columns}
          rows={rows}
          rowId={(each) => String(each.row)}
          empty={
            <Empty
              icon={IconCircleDashed}
              title={analysed ? emptyTitle(t, reason) : t("exclusions.notAnalysed")}
              text={analysed && reason === undefined ? t("exclusions.emptyText") : undefined}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}

/** Who is suppressed is counted and never listed. */
function emptyTitle(t: TFunction, reason: string | undefined): string {
  return reason === "suppressed" ? t("exclusions.countedOnly") : t("exclusions.emptyTitle");
}
