/** Recurring deliveries: what each copies, when, and how its last date went. */
import { IconRepeat } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Series } from "../../../src/contract/series.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { May } from "../../parts/may.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { seriesListQuery } from "../../queries-series.ts";
import { RunBadge } from "./run-badge.tsx";
import { SeriesSource } from "./series-source.tsx";
import { SeriesSwitch } from "./series-switch.tsx";
import css from "./series.module.css";
import { localWords, ruleWords } from "./view-model.ts";

const EVERY_MS = 15_000;
const column = columnsOf<Series>();

function seriesColumns(t: TFunction, formats: Formats): Columns<Series> {
  return [
    column.accessor("label", {
      header: t("series.label"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/series/$id"
          params={{ id: original.id }}
          title={original.label}
        >
          {original.label}
        </Link>
      ),
    }),
    column.accessor("sourceLabel", {
      header: t("series.source"),
      meta: { width: "14%", hide: "medium" },
      cell: ({ row: { original } }) => <SeriesSource series={original} />,
    }),
    column.display({
      id: "rule",
      header: t("series.ruleColumn"),
      meta: { width: "36%", hide: "narrow" },
      cell: ({ row: { original } }) => {
        const words = ruleWords(original, t, formats.locale);
        return <span title={words}>{words}</span>;
      },
    }),
    column.accessor("nextRuns", {
      header: t("series.next"),
      meta: { width: "180px", hide: "narrow" },
      cell: ({ row: { original } }) => <NextRun series={original} />,
    }),
    column.accessor("lastRun", {
      header: t("series.last"),
      meta: { width: "110px" },
      cell: ({ row: { original } }) => <LastRun series={original} />,
    }),
    column.accessor("on", {
      header: t("series.on"),
      meta: { width: "70px" },
      cell: ({ row: { original } }) => <SeriesSwitch series={original} />,
    }),
  ];
}

function NextRun({ series: { nextRuns, zone } }: { series: Series }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [next] = nextRuns;
  if (next === undefined) return <span className="muted">–</span>;
  return (
    <time dateTime={next.at} title={`${zone} · ${t("series.yourTime", { at: formats.dateTime(next.at) })}`}>
      {localWords(next.local, formats.locale)}
    </time>
  );
}

function LastRun({ series: { lastRun } }: { series: Series }) {
  const { t } = useTranslation();
  if (lastRun === null) return <span className="muted">{t("series.noRun")}</span>;
  const badge = <RunBadge run={lastRun} />;
  if (lastRun.delivery === null) return badge;
  return (
    <Link
      to="/deliveries/$id"
      params={{ id: lastRun.delivery.id }}
      className={css["plain"]}
      title={lastRun.delivery.label}
    >
      {badge}
    </Link>
  );
}

export function SeriesList() {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useInfiniteQuery({ ...seriesListQuery, refetchInterval: EVERY_MS });
  const columns = useMemo(() => seriesColumns(t, formats), [t, formats]);
  const rows = query.data?.pages.flatMap(({ data }) => data);
  return (
    <>
      <PageHead title={t("series.title")} actions={<NewButton to="/series/$id" word={t("series.new")} />} />
      <p className={css["intro"]}>{t("series.intro")}</p>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <DataTable
            label={t("series.title")}
            columns={columns}
            rows={rows}
            rowId={({ id }) => id}
            skeletons={3}
            wrap
            empty={
              <Empty icon={IconRepeat} title={t("series.emptyTitle")} text={t("series.emptyText")}>
                <May>
                  <NewButton to="/series/$id" word={t("series.new")} />
                </May>
              </Empty>
            }
          />
          <MoreRows query={query} shown={rows?.length ?? 0} />
        </>
      )}
    </>
  );
}
