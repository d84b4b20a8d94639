/** Clicks by link, most clicked first: the table behind the clicks. */
import { IconLink } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, TrackingIndicators } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";

type Row = TrackingIndicators["byLink"][number];
const column = columnsOf<Row>();

function clickColumns(t: TFunction, formats: Formats, clicked: number): Columns<Row> {
  const count = (
    id: "recipientsHuman" | "totalHuman" | "recipients" | "total",
    width: string,
    hide?: "medium" | "narrow",
  ) =>
    column.display({
      id,
      header: t(`links.${id}`),
      meta: { num: true, width, ...(hide === undefined ? {} : { hide }) },
      cell: ({ row: { original } }) =>
        original.mode === "not-tracked" ? (
          <span className="muted">–</span>
        ) : id === "recipientsHuman" ? (
          <span
            title={`${formats.percent(original.recipientsHuman, clicked) ?? ""} ${t("common.ofBase", {
              part: formats.int(original.recipientsHuman),
              base: formats.int(clicked),
            })}`}
          >
            {formats.int(original.recipientsHuman)}
          </span>
        ) : (
          formats.int(original[id])
        ),
    });
  return [
    column.accessor("number", {
      header: t("links.number"),
      meta: { num: true, width: "56px" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.display({
      id: "link",
      header: t("links.url"),
      cell: ({ row: { original } }) => (
        <span title={original.url}>
          {original.label !== "" && <b>{original.label} </b>}
          <span className="mono">{original.url}</span>
        </span>
      ),
    }),
    column.accessor("category", { header: t("links.category"), meta: { width: "12%", hide: "medium" } }),
    column.accessor("mode", {
      header: t("links.mode"),
      meta: { width: "110px", hide: "medium" },
      cell: ({ row: { original } }) => t(`links.modes.${original.mode}`),
    }),
    count("recipientsHuman", "88px"),
    count("totalHuman", "88px", "narrow"),
    count("recipients", "108px", "narrow"),
    count("total", "108px", "narrow"),
  ];
}

export function LinkClicks({ delivery, tracking }: { delivery: Delivery; tracking: TrackingIndicators }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const clicked = tracking.clicks.recipientsHuman;
  const columns = useMemo(() => clickColumns(t, formats, clicked), [t, formats, clicked]);
  if (!delivery.settings.tracking.clicks && tracking.byLink.every((row) => row.total === 0)) return null;
  const rows = tracking.byLink.toSorted(
    (left, right) => right.recipientsHuman - left.recipientsHuman || left.number - right.number,
  );
  return (
    <div id="links">
      <Section title={t("links.clicksTitle")}>
        <DataTable
          label={t("links.clicksTitle")}
          columns={columns}
          rows={rows}
          rowId={(row) => String(row.number)}
          compact
          empty={<Empty icon={IconLink} title={t("links.none")} />}
        />
      </Section>
    </div>
  );
}
