/** The table of a list that is read at once: its rows, or why they could not be read. */
import { DataTable, type TableProps } from "./data-table.tsx";
import { Failure } from "./notice.tsx";

type Props<T extends object> = Omit<TableProps<T>, "rows"> & {
  query: { data: { data: readonly T[] } | undefined; isError: boolean; error: Error | null; refetch: () => unknown };
};

export function FetchedTable<T extends object>({ query, ...table }: Props<T>) {
  if (query.isError && query.data === undefined) {
    return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <DataTable {...table} rows={query.data?.data} />;
}
