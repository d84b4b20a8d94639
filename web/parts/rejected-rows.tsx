/** The rows of a file that could not be used. */
import { IconCircleCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { ImportError } from "../../src/contract/index.ts";
import type { Formats } from "../format.ts";
import { importErrorsQuery } from "../queries.ts";
import { type Columns, columnsOf, DataTable } from "./data-table.tsx";
import { MoreRows } from "./more-rows.tsx";
import { Empty, Failure } from "./notice.tsx";
import { useFormats } from "./use-now.ts";

type Row = ImportError & { row: number };
const column = columnsOf<Row>();

function errorColumns(t: TFunction, formats: Formats): Columns<Row> {
  return [
    column.accessor("line", {
      header: t("imports.error.line"),
      meta: { num: true, width: "76px" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("column", { header: t("imports.error.column"), meta: { width: "100px", hide: "narrow" } }),
    column.accessor("value", {
      header: t("imports.error.value"),
      cell: (info) => (
        <span className="mono" title={info.getValue()}>
          {info.getValue()}
        </span>
      ),
    }),
    column.accessor("reason", {
      header: t("imports.error.reason"),
      meta: { width: "46%" },
      cell: ({ row: { original } }) => (
        <>
          {t(`exclusion.${original.reason}`)} <span className="muted">{original.detail}</span>
        </>
      ),
    }),
  ];
}

export function RejectedRows({ id }: { id: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useInfiniteQuery(importErrorsQuery(id));
  const columns = useMemo(() => errorColumns(t, formats), [t, formats]);
  const rows = query.data?.pages.flatMap((page) => page.data).map((each, row) => ({ ...each, row }));
  if (query.isError && rows === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <DataTable
        label={t("upload.rejectedTitle")}
        columns={columns}
        rows={rows}
        rowId={(each) => String(each.row)}
        compact
        wrap
        skeletons={3}
        empty={<Empty icon={IconCircleCheck} title={t("imports.errorsEmpty")} />}
      />
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
