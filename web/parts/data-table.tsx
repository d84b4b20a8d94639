/**
 * The table of every list: fixed layout (nothing jumps when rows arrive), 36 px rows, numbers right-aligned, skeletons of the
 * same height. A row is opened by the element that carries `data-row-link` (keyboard: j, k, Enter); a click anywhere else in
 * the row is passed on to it.
 */
import { Skeleton } from "@mantine/core";
import { type ColumnDef, createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import type { MouseEvent, ReactNode } from "react";

import css from "./data-table.module.css";

type Meta = {
  num?: boolean;
  /** CSS width; the columns without one share what is left. */
  width?: string;
  /** Left out when the table is narrower: below 900 px, or below 620 px. */
  hide?: "medium" | "narrow";
};

const features = tableFeatures({ columnMeta: {} as Meta });

export const columnsOf = <T extends object>() => createColumnHelper<typeof features, T>();
// oxlint-disable-next-line typescript/no-explicit-any -- each column has its own value type; the table never looks at it
export type Columns<T extends object> = ColumnDef<typeof features, T, any>[];

export type TableProps<T extends object> = {
  label: string;
  columns: Columns<T>;
  rows: readonly T[] | undefined;
  rowId: (row: T) => string;
  currentId?: string | undefined;
  compact?: boolean;
  /** Cells break into lines instead of being cut: for tables that are read rather than scanned. */
  wrap?: boolean;
  skeletons?: number;
  /** Stands in the table's place when there is no row. */
  empty?: ReactNode;
};

function openRow(event: MouseEvent<HTMLTableRowElement>): void {
  const target = event.target as HTMLElement;
  if (target.closest("a, button, input") !== null || String(getSelection()) !== "") return;
  event.currentTarget.querySelector<HTMLElement>("[data-row-link]")?.click();
}

export function DataTable<T extends object>(props: TableProps<T>) {
  const { rows, rowId } = props;
  const table = useTable({
    features,
    columns: props.columns,
    data: (rows ?? []) as T[],
    getRowId: rowId,
  });
  if (rows !== undefined && rows.length === 0 && props.empty !== undefined) return props.empty;
  const columns = table.getAllLeafColumns();
  const metaOf = (column: { columnDef: { meta?: Meta } }) => column.columnDef.meta ?? {};
  const cellClass = (meta: Meta) => (meta.num === true ? css["num"] : css["cell"]);
  return (
    <div className={css["frame"]} data-loading={rows === undefined || undefined}>
      <table
        className={css["table"]}
        data-compact={props.compact || undefined}
        data-wrap={props.wrap || undefined}
        aria-label={props.label}
      >
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const meta = metaOf(header.column);
                return (
                  <th
                    key={header.id}
                    scope="col"
                    className={cellClass(meta)}
                    data-hide={meta.hide}
                    style={{ width: meta.width }}
                  >
                    <table.FlexRender header={header} />
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody aria-busy={rows === undefined}>
          {rows === undefined &&
            Array.from({ length: props.skeletons ?? 8 }, (_, index) => (
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column.id} className={cellClass(metaOf(column))} data-hide={metaOf(column).hide}>
                    <Skeleton height={10} width={index % 2 === 0 ? "70%" : "55%"} radius="sm" display="inline-block" />
                  </td>
                ))}
              </tr>
            ))}
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} onClick={openRow} data-current={row.id === props.currentId || undefined}>
              {row.getAllCells().map((cell) => {
                const meta = metaOf(cell.column);
                return (
                  <td key={cell.id} className={cellClass(meta)} data-hide={meta.hide}>
                    <table.FlexRender cell={cell} />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
