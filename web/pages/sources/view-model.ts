/** What the pages of sources decide: shares of a pool, the grid of the warm-up, which cells are worth a row. */
import type { PoolAnswer, SourceAnswer, WarmUpCell } from "../../../src/contract/shaping.ts";
import { oneOf, text } from "../../search.ts";
import type { Tone } from "../../tones.ts";

export type Share = {
  source: string;
  /** null: it is gone. */
  name: string | null;
  weight: number;
  /** 0 to 1; null: it is off, the others have its share. */
  share: number | null;
};

type Member = PoolAnswer["members"][number];

/** Weight by the sum of the weights of sources in use. Whether a sender has the address, only senders know. */
export function sharesOf(members: readonly Member[], sources: readonly SourceAnswer[]): Share[] {
  const rows = members.map(({ source, weight }) => {
    const known = sources.find(({ id }) => id === source);
    return { source, weight, name: known?.name ?? null, usable: known?.enabled === true };
  });
  const all = rows.reduce((sum, { usable, weight }) => sum + (usable ? weight : 0), 0);
  return rows.map(({ usable, ...row }) => ({ ...row, share: usable ? row.weight / all : null }));
}

export type WarmUpState = WarmUpCell["state"];
export const WARM_UP_STATES = ["warming", "held", "done"] as const satisfies readonly WarmUpState[];
export const WARM_UP_TONE: Record<WarmUpState, Tone> = { warming: "waiting", held: "retry", done: "sent" };

export type WarmUpSearch = {
  state?: WarmUpState | undefined;
  /** Providers that got nothing yet are shown too. */
  all?: boolean | undefined;
  /** `SOURCE PROVIDER`: the one in the drawer. */
  cell?: string | undefined;
};

export const warmUpSearch = (search: Record<string, unknown>): WarmUpSearch => ({
  state: oneOf(WARM_UP_STATES, search["state"]),
  all: search["all"] === true || undefined,
  cell: text(search["cell"]),
});

export const cellKey = ({ sourceId, provider }: Pick<WarmUpCell, "sourceId" | "provider">): string =>
  `${sourceId} ${provider}`;

/** At day 1 with nothing used: nothing has left yet, and nobody has said anything. */
export const hasBegun = ({ day, used, state }: WarmUpCell): boolean => day > 1 || used > 0 || state !== "warming";

export type WarmUpGrid = {
  sources: { id: string; name: string }[];
  rows: { provider: string; cells: (WarmUpCell | null)[] }[];
};

/** A row for each provider, a column for each source; `null` where the filter leaves a cell out. */
export function gridOf(cells: readonly WarmUpCell[], { state, all }: WarmUpSearch): WarmUpGrid {
  const shown = cells.filter((cell) => state === undefined || cell.state === state);
  const worthIt = new Set(shown.filter((cell) => all === true || hasBegun(cell)).map(({ provider }) => provider));
  const sources = new Map(cells.map(({ sourceId, source }) => [sourceId, source]));
  const byKey = new Map(shown.map((cell) => [cellKey(cell), cell]));
  return {
    sources: [...sources].map(([id, name]) => ({ id, name })),
    rows: [...worthIt].toSorted().map((provider) => ({
      provider,
      cells: [...sources.keys()].map((sourceId) => byKey.get(cellKey({ sourceId, provider })) ?? null),
    })),
  };
}

/** Of the day's allowance; more than all of it is shown as all of it. */
export const usedShare = ({ used, allowance, state }: WarmUpCell): number =>
  state === "done" ? 1 : allowance === 0 ? 0 : Math.min(1, used / allowance);
