/** Saved segments: trees of conditions that choose recipients. */
import { IconChartPie } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { SegmentSummary } from "../../../src/contract/segments.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { segmentsQuery } from "../../queries-audience.ts";

const column = columnsOf<SegmentSummary>();

function segmentColumns(t: TFunction): Columns<SegmentSummary> {
  return [
    column.accessor("label", {
      header: t("templates.label"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/segments/$id"
          params={{ id: original.id }}
          title={original.label}
        >
          {original.label}
        </Link>
      ),
    }),
    column.accessor("createdAt", {
      header: t("recipients.created"),
      meta: { num: true, width: "140px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.accessor("updatedAt", {
      header: t("recipients.updated"),
      meta: { num: true, width: "140px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Segments() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(segmentsQuery);
  const columns = useMemo(() => segmentColumns(t), [t]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <PageHead title={t("segments.title")} actions={<NewButton to="/segments/$id" word={t("segments.new")} />} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("segments.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          skeletons={4}
          empty={
            <Empty icon={IconChartPie} title={t("segments.emptyTitle")} text={t("segments.emptyText")}>
              <NewButton to="/segments/$id" word={t("segments.new")} />
            </Empty>
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
