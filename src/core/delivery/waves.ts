/**
 * Waves: one delivery leaves in portions, each at its own time after the start. Equal portions at equal distances, or a
 * calendar. Whoever the sizes leave over goes with the last wave: nobody is left out. Who is in which wave is drawn once and stays.
 */
import { parseDuration, type Duration } from "../time.ts";

/** So many messages, or a share of all: `30%`. */
type WaveSize = number | string;

export type WavePlan =
  | { readonly kind: "equal"; readonly size: WaveSize; readonly every: Duration }
  | {
      readonly kind: "calendar";
      /** In order of time. The size of the last one may be left open: all the others. */
      readonly waves: readonly { readonly after: Duration; readonly size: WaveSize | null }[];
    };

/** As the settings of a delivery write it. */
type WrittenWaves =
  | { readonly kind: "equal"; readonly size: WaveSize; readonly every: string }
  | {
      readonly kind: "calendar";
      readonly waves: readonly { readonly after?: string | undefined; readonly size?: WaveSize | undefined }[];
    };

export function readWaves(written: WrittenWaves): WavePlan {
  if (written.kind === "equal") return { ...written, every: parseDuration(written.every) ?? 0 };
  const waves = written.waves.map(({ after, size }) => ({
    after: parseDuration(after ?? "") ?? 0,
    size: size ?? null,
  }));
  return { kind: "calendar", waves };
}

/** `number` from 1; `after` the start of the delivery. */
export type Wave = { readonly number: number; readonly after: Duration; readonly messages: number };

/** More than these are no plan but a slip of the pen; for steady sending there is a speed. */
export const MOST_WAVES = 500;

/** Waves for so many messages; those that would be empty are left out. At most one more than `MOST_WAVES` are counted. */
export function planWaves(plan: WavePlan, count: number): readonly Wave[] {
  return plan.kind === "equal" ? equalWaves(plan, count) : calendarWaves(plan, count);
}

function equalWaves({ size, every }: Extract<WavePlan, { kind: "equal" }>, count: number): readonly Wave[] {
  const each = Math.max(1, sizeOf(size, count));
  const waves: Wave[] = [];
  for (let left = count; left > 0 && waves.length <= MOST_WAVES; left -= each) {
    waves.push({ number: waves.length + 1, after: waves.length * every, messages: Math.min(each, left) });
  }
  return waves;
}

function calendarWaves({ waves }: Extract<WavePlan, { kind: "calendar" }>, count: number): readonly Wave[] {
  let left = count;
  return waves
    .map(({ after, size }, index) => {
      const isLast = index === waves.length - 1;
      const messages = isLast || size === null ? left : Math.min(left, sizeOf(size, count));
      left -= messages;
      return { number: index + 1, after, messages };
    })
    .filter(({ messages }) => messages > 0);
}

/** Rounded up: the rest of a division makes the last wave smaller, no further wave of one. */
function sizeOf(size: WaveSize, count: number): number {
  return typeof size === "number" ? size : Math.ceil((count * percentOf(size)) / 100 - 1e-9);
}

function percentOf(size: WaveSize): number {
  return typeof size === "number" ? 0 : Number(size.slice(0, -1));
}

type WaveFault = {
  readonly index: number;
  readonly field: "after" | "size";
  readonly code: string;
  readonly message: string;
};

/** What is wrong with a calendar, whoever its recipients will be. */
export function wavesFault(plan: WavePlan): WaveFault | null {
  if (plan.kind === "equal") return null;
  let sum = 0;
  for (const [index, { after, size }] of plan.waves.entries()) {
    const before = plan.waves[index - 1];
    if (before !== undefined && after <= before.after) {
      return { index, field: "after", code: "wave-order", message: "Each wave begins after the one before it" };
    }
    if (size === null && index < plan.waves.length - 1) {
      return { index, field: "size", code: "wave-size", message: "Only the last wave may take all the others" };
    }
    sum += size === null ? 0 : percentOf(size);
    if (sum > 100 + 1e-9) {
      const message = `The waves up to here have ${round(sum)} % of the recipients; there are no more than 100 %`;
      return { index, field: "size", code: "wave-sum", message };
    }
  }
  return null;
}

/** How many messages the last wave takes because the sizes leave them over; 0: it has what it says, or less. */
export function leftOver(plan: WavePlan, count: number): number {
  if (plan.kind === "equal") return 0;
  const last = plan.waves.at(-1);
  if (last === undefined || last.size === null) return 0;
  const said = plan.waves.reduce((sum, { size }) => sum + (size === null ? 0 : sizeOf(size, count)), 0);
  return Math.max(0, count - said);
}

const round = (n: number) => Math.round(n * 100) / 100;
