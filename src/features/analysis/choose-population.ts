/**
 * Who of the target gets a message. The steps exclude one after the other, in this order; whoever has a reason already is left alone by all that
 * follow, so every excluded row has exactly one, and targeted = excluded + to deliver whatever the rules say. docs/exclusions.md has the order.
 */
import type { Audience, ChecklistItem, ExclusionRule, Settings } from "../../contract/index.ts";
import { lineAt } from "../../core/population/capacity.ts";
import { readInstant, type Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { leaveOutThoseThere } from "./add-store.ts";
import { applyCapacity, type Taken } from "./capacity-store.ts";
import {
  chooseControlGroup,
  excludeBadQuality,
  excludeChoice,
  excludeFailing,
  excludeSuppressed,
  excludeThoseWhoLeft,
  limitSize,
} from "./exclude-store.ts";
import { capacityItems, controlItems, fileItems, isFile } from "./population-items.ts";
import { applyPressure, waitForPressure, weighingOf } from "./pressure-store.ts";
import { isPressed, loadPopulationRules, type PopulationRules } from "./rules-store.ts";
import { computeTarget, type FrozenSegment, loadFileFacts } from "./target-store.ts";

type Delivery = { readonly id: number; readonly audience: Audience; readonly settings: Settings };

export type Population = {
  /** What was meant by the segments that were named. */
  readonly segments: readonly FrozenSegment[];
  readonly items: readonly ChecklistItem[];
  /** Of capacities; kept with `saveUses` when the analysis ends. */
  readonly taken: readonly Taken[];
  /** The day around which rules counted. */
  readonly at: Instant;
  /** What chance begins with. */
  readonly shuffle: string;
};

/** To a delivery that has begun. */
export type Adding = {
  /** Also whoever has a message of it. */
  readonly again: boolean;
  /** Messages that it has. */
  readonly toDeliver: number;
  /** People in its control group. */
  readonly control: number;
};

/** Leaves the temporary table `target` with a reason for each row that gets no message. */
export async function choosePopulation(
  tx: Tx,
  delivery: Delivery,
  now: Instant,
  adding: Adding = NOTHING_THERE,
): Promise<Population> {
  const { audience, settings } = delivery;
  // Deliveries that were saved before there were such settings have none.
  const population: Partial<Settings["population"]> = (settings.population as Settings["population"] | undefined) ?? {};
  const rules = await loadPopulationRules(tx, settings);
  const shuffle = population.shuffle ?? String(delivery.id);
  const at = Math.max(now, readInstant(settings.plannedFor ?? "") ?? now);
  const segments = await computeTarget(tx, audience, { now, keepDuplicates: population.duplicates === "keep" });
  if (adding !== NOTHING_THERE) await leaveOutThoseThere(tx, delivery.id, adding.again);
  if (settings.service !== undefined) await excludeThoseWhoLeft(tx, settings.service);
  await excludeSuppressed(tx);
  if (population.maxErrors !== undefined) await excludeFailing(tx, population.maxErrors);
  if (population.quality !== undefined) await excludeBadQuality(tx, population.quality);
  segments.push(...(await filter(tx, rules.filtering, settings.exclude as ExclusionRule[] | undefined, now)));
  await press(tx, rules.pressure, { ...delivery, at }, now);
  if (population.limit !== undefined) {
    await limitSize(tx, lessThan(population.limit, adding.toDeliver + adding.control), shuffle);
  }
  const taken = await takeCapacity(tx, rules.capacity, { id: delivery.id, at, shuffle, own: adding.toDeliver });
  const wanted = population.control;
  const control = wanted !== undefined && "recipients" in wanted ? lessThan(wanted, adding.control) : wanted;
  if (control !== undefined && !isFile(audience)) {
    segments.push(...(await chooseControlGroup(tx, control, { shuffle, now })));
  }
  const items = [...(await ofFile(tx, audience)), ...capacityItems(taken), ...controlItems(control, audience)];
  return { segments, taken, at, shuffle, items };
}

const NOTHING_THERE: Adding = { again: false, toDeliver: 0, control: 0 };

/** What is left of a number of people. */
function lessThan<T extends { readonly recipients: number }>(wanted: T, taken: number): T {
  return { ...wanted, recipients: Math.max(0, wanted.recipients - taken) };
}

async function ofFile(tx: Tx, audience: Audience): Promise<readonly ChecklistItem[]> {
  return "file" in audience ? fileItems(await loadFileFacts(tx, audience.file)) : [];
}

async function filter(
  tx: Tx,
  rules: PopulationRules["filtering"],
  exclude: readonly ExclusionRule[] = [],
  now: Instant,
): Promise<FrozenSegment[]> {
  const reason = "excluded-by-rule";
  const frozen: FrozenSegment[] = [];
  for (const { name, definition } of rules) {
    frozen.push(await excludeChoice(tx, definition.exclude, { reason, name, now }));
  }
  for (const choice of exclude) frozen.push(await excludeChoice(tx, choice, { reason, now }));
  return frozen;
}

/** A delivery without such rules may go before those that have some: their analyses must see its messages, and it theirs. */
async function press(
  tx: Tx,
  rules: PopulationRules["pressure"],
  { id, settings, at }: Pick<Delivery, "id" | "settings"> & { readonly at: Instant },
  now: Instant,
): Promise<void> {
  if (rules.length > 0 || (await isPressed(tx))) await waitForPressure(tx);
  const pressed = { id, at, analysed: Number.POSITIVE_INFINITY, ...weighingOf(settings) };
  for (const rule of rules) await applyPressure(tx, rule, pressed, now);
}

/** A rule that has no line for the day says nothing. */
async function takeCapacity(
  tx: Tx,
  rules: PopulationRules["capacity"],
  { at, ...delivery }: { readonly id: number; readonly at: Instant; readonly shuffle: string; readonly own: number },
): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (const rule of rules) {
    const line = lineAt(rule.definition.lines, at);
    if (line !== null) taken.push(await applyCapacity(tx, rule, line, delivery));
  }
  return taken;
}
