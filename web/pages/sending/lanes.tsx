/** All lanes, most waiting first: live, each row in its place until somebody sorts again. */
import { Button, NativeSelect } from "@mantine/core";
import { IconFilterOff, IconRoad, IconSortDescending } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { LaneAnswer } from "../../../src/contract/shaping.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { lanesQuery } from "../../queries-sending.ts";
import { laneColumns } from "./lane-columns.tsx";
import { LaneDrawer } from "./lane-drawer.tsx";
import { ProviderFilter, SourceFilter } from "./place-filters.tsx";
import css from "./sending.module.css";
import { SendingHead } from "./sending-head.tsx";
import { byWaiting, CONSTRAINTS, isFiltered, keepPlaces, type LaneSearch } from "./view-model.ts";

const route = getRouteApi("/sending");
const EVERY_MS = 3000;

export function Lanes() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { lane, ...filter } = route.useSearch();
  const change = useChange();
  const query = useInfiniteQuery({ ...lanesQuery(filter), refetchInterval: EVERY_MS });
  const { rows, sorted, sortAgain } = usePlaces(
    query.data?.pages.flatMap((page) => page.data),
    JSON.stringify(filter),
  );
  const open = useCallback((id: string) => change({ lane: id }), [change]);
  const columns = useMemo(() => laneColumns(t, formats, open), [t, formats, open]);
  const filtered = isFiltered(filter);
  return (
    <>
      <SendingHead intro={t("lanes.intro")} />
      <Filters filter={filter} change={change} sorted={sorted} onSort={sortAgain} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("sending.tab.lanes")}
          columns={columns}
          rows={rows}
          rowId={({ id }) => id}
          currentId={lane}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconRoad}
              title={t(filtered ? "lanes.emptyFiltered" : "lanes.emptyTitle")}
              text={filtered ? undefined : t("lanes.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {lane !== undefined && <LaneDrawer key={lane} id={lane} onClose={() => change({ lane: undefined })} />}
    </>
  );
}

function useChange() {
  const navigate = route.useNavigate();
  return useCallback(
    (part: LaneSearch) =>
      void navigate({ search: (before: LaneSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
}

/** The places of rows are those of the first answer to a filter, or of the last time that somebody sorted. */
function usePlaces(answer: readonly LaneAnswer[] | undefined, filter: string) {
  const [times, setTimes] = useState(0);
  const places = useRef({ of: "", ids: [] as string[] });
  const of = `${times} ${filter}`;
  if (answer === undefined) return { rows: undefined, sorted: true, sortAgain: () => {} };
  const rows = keepPlaces(places.current.of === of ? places.current.ids : [], answer);
  places.current = { of, ids: rows.map(({ id }) => id) };
  return { rows, sorted: byWaiting(rows), sortAgain: () => setTimes((before) => before + 1) };
}

type FiltersProps = {
  filter: Omit<LaneSearch, "lane">;
  change: (part: LaneSearch) => void;
  sorted: boolean;
  onSort: () => void;
};

function Filters({ filter, change, sorted, onSort }: FiltersProps) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <ProviderFilter value={filter.provider} onChange={(provider) => change({ provider })} />
      <SourceFilter value={filter.source} onChange={(source) => change({ source })} />
      <NativeSelect
        label={t("lanes.constraint")}
        w={170}
        value={filter.constraint ?? ""}
        data={[
          { value: "", label: t("lanes.anyConstraint") },
          ...CONSTRAINTS.map((value) => ({ value, label: t(`constraint.${value}`) })),
        ]}
        onChange={(event) => change({ constraint: CONSTRAINTS.find((each) => each === event.currentTarget.value) })}
      />
      <Button
        variant="default"
        className={css["push"] ?? ""}
        leftSection={<IconSortDescending size={16} aria-hidden />}
        title={t("lanes.resortMeaning")}
        // Its place stays, so that nothing moves when it comes.
        style={{ visibility: sorted ? "hidden" : "visible" }}
        onClick={onSort}
      >
        {t("lanes.resort")}
      </Button>
    </Toolbar>
  );
}
