/** In which order rules go: those of one kind among themselves, control rules within their phase (docs/typologies.md). */
import { PHASES } from "../../../src/contract/typologies.ts";
import { moved } from "../../parts/ordered.ts";
import { hasForm, orderOf, type OwnDraft, RULE_KINDS } from "./rule-draft.ts";

/** Rules in different lanes never wait for each other. */
export const laneOf = (rule: OwnDraft): string =>
  rule.kind === "control" && hasForm(rule) ? `control ${rule.phase}` : rule.kind;

/** Kinds and phases one after another; in them by their numbers, of equal ones the older first, as the server has them. */
export function inTheirOrder(rules: readonly OwnDraft[]): OwnDraft[] {
  return rules.toSorted(
    (a, b) =>
      LANES.indexOf(laneOf(a)) - LANES.indexOf(laneOf(b)) || orderOf(a.order) - orderOf(b.order) || ageOf(a) - ageOf(b),
  );
}

/** Ids grow; what has none yet is the youngest, and `toSorted` keeps those as they stand. */
const ageOf = ({ id }: OwnDraft): number => (id === undefined ? Number.MAX_SAFE_INTEGER : Number(id));

const LANES: readonly string[] = [...PHASES.map((phase) => `control ${phase}`), ...RULE_KINDS];
const MOST = 1000;

/** Which rules have nothing of their lane before or after them. */
export function endsOf(own: readonly OwnDraft[], key: string): { isFirst: boolean; isLast: boolean } {
  const rule = own.find((each) => each.key === key);
  const lane = inTheirOrder(own.filter((each) => rule !== undefined && laneOf(each) === laneOf(rule)));
  return { isFirst: lane[0]?.key === key, isLast: lane.at(-1)?.key === key };
}

/** One rule goes before or after its neighbour. Numbers change only where they must; numbers of other lanes never. */
export function withMoved(own: readonly OwnDraft[], key: string, step: 1 | -1): readonly OwnDraft[] {
  const rule = own.find((each) => each.key === key);
  if (rule === undefined) return own;
  const lane = inTheirOrder(own.filter((each) => laneOf(each) === laneOf(rule)));
  const before = lane.map((each) => each.key);
  const after = moved(before, key, step);
  if (String(after) === String(before)) return own;
  const numbers = rising(lane.map(({ order }) => orderOf(order)));
  const orders = new Map(after.map((each, index) => [each, numbers[index] ?? MOST]));
  return inTheirOrder(own.map((each) => ({ ...each, order: orders.get(each.key) ?? each.order })));
}

/** The same numbers, pushed up where two are equal, so that they alone decide; evenly from 0 to 1000 where there is no room. */
function rising(numbers: readonly number[]): number[] {
  const pushed: number[] = [];
  for (const number of numbers) pushed.push(Math.max(number, (pushed.at(-1) ?? -1) + 1));
  if ((pushed.at(-1) ?? 0) <= MOST) return pushed;
  return numbers.map((_, index) => Math.floor((index * MOST) / Math.max(1, numbers.length - 1)));
}
