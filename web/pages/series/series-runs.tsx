/** What became of the dates of a series that have come, the latest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Series, SeriesRun } from "../../../src/contract/series.ts";
import type { Formats } from "../../format.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { seriesRunsQuery } from "../../queries-series.ts";
import { RunBadge } from "./run-badge.tsx";
import { formatsIn } from "./view-model.ts";

const EVERY_MS = 15_000;
const column = columnsOf<SeriesRun>();

function runColumns(t: TFunction, formats: Formats, own: Formats): Columns<SeriesRun> {
  return [
    column.accessor("at", {
      header: t("series.runAt"),
      meta: { width: "230px" },
      cell: ({ row: { original } }) => (
        <time dateTime={original.at} title={t("series.yourTime", { at: own.dateTime(original.at) })}>
          {formats.dateTime(original.at)}
        </time>
      ),
    }),
    column.accessor("outcome", {
      header: t("series.runOutcome"),
      meta: { width: "110px" },
      cell: ({ row: { original } }) => <RunBadge run={original} />,
    }),
    column.accessor("delivery", {
      header: t("series.runDelivery"),
      cell: ({ row: { original } }) => <Made run={original} />,
    }),
    column.display({
      id: "state",
      header: t("series.state"),
      meta: { width: "130px", hide: "narrow" },
      cell: ({ row: { original } }) => original.delivery && <StateBadge state={original.delivery.state} />,
    }),
  ];
}

/** The delivery, or why there is none. */
function Made({ run: { outcome, reason, delivery } }: { run: SeriesRun }) {
  const { t } = useTranslation();
  if (delivery !== null) {
    return (
      <Link className={rowLinkClass} data-row-link to="/deliveries/$id" params={{ id: delivery.id }}>
        {delivery.label}
      </Link>
    );
  }
  return outcome === "made" ? <span className="muted">{t("series.runGone")}</span> : reason;
}

export function SeriesRuns({ series: { id, zone } }: { series: Series }) {
  const { t } = useTranslation();
  const own = useFormats();
  const query = useInfiniteQuery({ ...seriesRunsQuery(id), refetchInterval: EVERY_MS });
  const columns = useMemo(() => runColumns(t, formatsIn(zone, own), own), [t, zone, own]);
  const rows = query.data?.pages.flatMap(({ data }) => data);
  return (
    <Section title={t("series.runs")}>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <DataTable
            label={t("series.runs")}
            columns={columns}
            rows={rows}
            rowId={({ at }) => at}
            skeletons={2}
            wrap
            empty={<p className="muted">{t("series.noRuns")}</p>}
          />
          <MoreRows query={query} shown={rows?.length ?? 0} />
        </>
      )}
    </Section>
  );
}
