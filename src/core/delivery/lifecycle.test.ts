/** Every act in every state: what it leads to, or that it is refused; and what no table may ever allow. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ACT_WORDS, outcomeOf, settled, type Act, type Outcome } from "./lifecycle.ts";
import { DELIVERY_STATES, type DeliveryState } from "./status.ts";

const ACTS = Object.keys(ACT_WORDS) as Act[];

/** In the order of DELIVERY_STATES; `-`: refused, `=`: allowed, and the state stays. */
const EXPECTED: Readonly<Record<Act, string>> = {
  edit: "= - editing - - - - - - - -",
  delete: "deleted - deleted - - - - - - - -",
  analyse: "analysing = analysing - - - - - - - -",
  "cancel-analysis": "- editing - - - - - - - - -",
  "analysis-passed": "- ready - - - - - - - - -",
  "analysis-failed": "- editing - - - - - - - - -",
  decide: "- - = - - - - - - - -",
  confirm: "- - in-progress - - - - - - - -",
  "confirm-later": "- - start-pending - - - - - - - -",
  "cancel-confirm": "- - - - ready - - - - - -",
  schedule: "- - scheduled = - - - - - - -",
  unschedule: "- - - ready - - - - - - -",
  start: "- - - in-progress in-progress - - - - - -",
  miss: "- - - ready ready - - - - - -",
  pace: "= = = = = = = = - - -",
  pause: "- - - - - pausing - - - - -",
  hold: "- - - - - pausing - - - - -",
  resume: "- - - - - - in-progress in-progress - - -",
  stop: "- - - stopping stopping stopping stopping stopping - - -",
  "retry-failed": "- - - - - - - - - in-progress in-progress",
  continue: "- - - - - = = = - - in-progress",
};

describe.each(ACTS)("%s", (act) => {
  const expected = EXPECTED[act].split(" ");
  test("has a word for every state", () => expect(expected).toHaveLength(DELIVERY_STATES.length));
  test.each(DELIVERY_STATES.map((state, i) => [state, expected[i]] as const))("%s: %s", (state, word) => {
    expect(outcomeOf(act, state)).toBe(word === "-" ? null : word === "=" ? state : word);
  });
});

const acts = fc.array(fc.constantFrom(...ACTS), { maxLength: 40 });
const WAITS: readonly Outcome[] = ["scheduled", "start-pending"];

function follow(sequence: readonly Act[]): { state: Outcome; began: number; confirmed: number }[] {
  const states = [{ state: "editing" as Outcome, began: 0, confirmed: 0 }];
  for (const act of sequence) {
    const last = states.at(-1)!;
    const next = last.state === "deleted" ? null : outcomeOf(act, last.state);
    if (next === null) continue;
    const said = act === "confirm" || act === "confirm-later" || (act === "schedule" && last.state === "ready");
    const starts = next === "in-progress" && (last.state === "ready" || WAITS.includes(last.state));
    states.push({ state: next, began: last.began + (starts ? 1 : 0), confirmed: last.confirmed + (said ? 1 : 0) });
  }
  return states;
}

test("whatever is asked for, nothing begins that nobody confirmed, and nothing begins twice", () => {
  fc.assert(
    fc.property(acts, (sequence) => {
      for (const { began, confirmed } of follow(sequence)) {
        expect(began).toBeLessThanOrEqual(Math.min(confirmed, 1));
      }
    }),
  );
});

test("what has begun is never edited, analysed or deleted again", () => {
  fc.assert(
    fc.property(acts, (sequence) => {
      for (const { state, began } of follow(sequence)) {
        if (began > 0) expect(["editing", "analysing", "ready", "deleted"]).not.toContain(state);
      }
    }),
  );
});

test.each(DELIVERY_STATES)("settling %s", (state) => {
  const becomes = (open: boolean) => settled(state, open);
  const expected: Partial<Record<DeliveryState, [open: DeliveryState | null, done: DeliveryState]>> = {
    "in-progress": [null, "finished"],
    pausing: ["paused", "finished"],
    stopping: [null, "stopped"],
  };
  expect([becomes(true), becomes(false)]).toEqual(expected[state] ?? [null, null]);
});
