/** The warm-up as a grid: providers by sources; each cell says how far it is and is the door to what an operator may do. */
import { Button, NativeSelect, Skeleton, Switch } from "@mantine/core";
import { IconCircleCheck, IconFilterOff, IconPlayerPause, IconTrendingUp, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import type { WarmUpCell } from "../../../src/contract/shaping.ts";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { warmUpQuery } from "../../queries-sending.ts";
import { SendingHead } from "../sending/sending-head.tsx";
import css from "./warm-up.module.css";
import {
  cellKey,
  gridOf,
  hasBegun,
  usedShare,
  WARM_UP_STATES,
  WARM_UP_TONE,
  type WarmUpGrid,
  type WarmUpSearch,
  type WarmUpState,
} from "./view-model.ts";
import { WarmUpDrawer } from "./warm-up-drawer.tsx";

const route = getRouteApi("/sending/warm-up");
const EVERY_MS = 10_000;

const STATE_ICON: Record<WarmUpState, Icon> = {
  warming: IconTrendingUp,
  held: IconPlayerPause,
  done: IconCircleCheck,
};

export function WarmUp() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: WarmUpSearch) =>
      void navigate({ search: (before: WarmUpSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const query = useQuery({ ...warmUpQuery, refetchInterval: EVERY_MS });
  const cells = query.data;
  const open = cells?.find((cell) => cellKey(cell) === search.cell);
  return (
    <>
      <SendingHead intro={t("warmUp.intro")} />
      {cells === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton height={320} radius="md" />
        )
      ) : cells.length === 0 ? (
        <Empty icon={IconTrendingUp} title={t("warmUp.emptyTitle")} text={t("warmUp.emptyText")} />
      ) : (
        <>
          <Filters search={search} change={change} />
          <Grid
            grid={gridOf(cells, search)}
            search={search}
            onOpen={(cell) => change({ cell })}
            onAll={() => change({ all: true, state: undefined })}
          />
        </>
      )}
      {open !== undefined && <WarmUpDrawer key={search.cell} cell={open} onClose={() => change({ cell: undefined })} />}
    </>
  );
}

function Filters({ search, change }: { search: WarmUpSearch; change: (part: WarmUpSearch) => void }) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <NativeSelect
        label={t("warmUp.state")}
        w={170}
        value={search.state ?? ""}
        data={[
          { value: "", label: t("warmUp.anyState") },
          ...WARM_UP_STATES.map((value) => ({ value, label: t(`warmUp.states.${value}`) })),
        ]}
        onChange={(event) => change({ state: WARM_UP_STATES.find((each) => each === event.currentTarget.value) })}
      />
      <Switch
        className={css["all"] ?? ""}
        label={t("warmUp.all")}
        checked={search.all === true}
        onChange={(event) => change({ all: event.currentTarget.checked || undefined })}
      />
    </Toolbar>
  );
}

type GridProps = { grid: WarmUpGrid; search: WarmUpSearch; onOpen: (key: string) => void; onAll: () => void };

function Grid({ grid, search, onOpen, onAll }: GridProps) {
  const { t } = useTranslation();
  if (grid.rows.length === 0) {
    return (
      <Empty
        icon={search.state === undefined ? IconTrendingUp : IconFilterOff}
        title={t(search.state === undefined ? "warmUp.nothingYet" : "warmUp.emptyFiltered")}
      >
        <Button variant="default" onClick={onAll}>
          {t("warmUp.showAll")}
        </Button>
      </Empty>
    );
  }
  return (
    // Scrolls sideways with many sources, also by keyboard.
    <section className={css["frame"]} tabIndex={0} aria-label={t("warmUp.grid")}>
      <table className={css["grid"]}>
        <thead>
          <tr>
            <th scope="col">{t("sending.provider")}</th>
            {grid.sources.map(({ id, name }) => (
              <th key={id} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.rows.map(({ provider, cells }) => (
            <tr key={provider}>
              <th scope="row" title={provider}>
                {provider}
              </th>
              {cells.map((cell, index) => (
                <td key={grid.sources[index]?.id}>
                  {cell !== null && <Cell cell={cell} current={cellKey(cell) === search.cell} onOpen={onOpen} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

type CellProps = { cell: WarmUpCell; current: boolean; onOpen: (key: string) => void };

function Cell({ cell, current, onOpen }: CellProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const Glyph = STATE_ICON[cell.state];
  const state = t(`warmUp.states.${cell.state}`);
  const isDone = cell.state === "done";
  const used = { used: formats.int(cell.used), allowance: formats.int(cell.allowance) };
  return (
    <button
      type="button"
      className={css["cell"]}
      data-tone={WARM_UP_TONE[cell.state]}
      data-begun={hasBegun(cell) || undefined}
      data-current={current || undefined}
      data-row-link
      title={`${t("warmUp.cell", cell)}: ${state}`}
      onClick={() => onOpen(cellKey(cell))}
    >
      <span className={css["cellHead"]}>
        <Glyph size={14} stroke={2} role="img" aria-label={state} />
        {isDone ? state : t("warmUp.day", { n: formats.int(cell.day) })}
        <span className={css["used"]}>{isDone ? used.used : t("warmUp.used", used)}</span>
      </span>
      <span className={css["meter"]} aria-hidden>
        <span style={{ width: `${usedShare(cell) * 100}%` }} />
      </span>
    </button>
  );
}
