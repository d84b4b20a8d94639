/** What is not counted is no zero. */
import { expect, test } from "vitest";

import {
  settingsSchema,
  type Delivery,
  type ReactionCount,
  type TrackingIndicators,
} from "../../../src/contract/index.ts";
import { archiveReactions, hasReactivity, reactionFigures } from "./reactions-model.ts";

const none: ReactionCount = { recipients: 0, recipientsHuman: 0, total: 0, totalHuman: 0 };
const tracking = (over: Partial<TrackingIndicators> = {}): TrackingIndicators => ({
  opens: none,
  estimatedOpens: none,
  clicks: { ...none, persons: 0, personsHuman: 0 },
  mirrorViews: none,
  optOuts: none,
  complaints: 0,
  reactivity: null,
  reactivityHuman: null,
  estimatedForwards: 0,
  estimatedForwardsHuman: 0,
  archive: { opens: 0, clicks: 0, mirrorViews: 0, optOuts: 0 },
  byLink: [],
  ...over,
});
const delivery = (settings: object) => ({ settings: settingsSchema.parse(settings) }) as Delivery;
const uncounted = (settings: object, over?: Partial<TrackingIndicators>) =>
  reactionFigures(delivery(settings), tracking(over))
    .filter((each) => !each.counted)
    .map((each) => each.name);

test("everything is counted by default", () => {
  expect(uncounted({})).toEqual([]);
});

test.each([
  [{ tracking: { opens: false } }, ["opens"]],
  [{ tracking: { clicks: false } }, ["clicks"]],
  [{ mirror: "none" }, ["mirrorViews"]],
  [{ mirror: "message-id" }, ["mirrorViews"]],
])("%j", (settings, names) => {
  expect(uncounted(settings)).toEqual(names);
});

test("what was counted is shown although the settings say no", () => {
  expect(uncounted({ mirror: "message-id" }, { mirrorViews: { ...none, total: 1, recipients: 1 } })).toEqual([]);
});

test("an estimate of opens is shown only where it says something else than the count", () => {
  const opens = { recipients: 5, recipientsHuman: 4, total: 6, totalHuman: 5 };
  const estimatedOpens = { recipients: 10, recipientsHuman: 8, total: 12, totalHuman: 10 };
  const of = (over: Partial<TrackingIndicators>) =>
    reactionFigures(delivery({}), tracking(over)).map((each) => each.estimated);
  expect(of({ opens, estimatedOpens })).toEqual([estimatedOpens, null, null, null]);
  expect(of({ opens, estimatedOpens: opens })).toEqual([null, null, null, null]);
});

test("reactions to copies are shown where copies are made, and wherever somebody reacted to one", () => {
  const counts = { opens: 3, clicks: 0, mirrorViews: 1, optOuts: 0 };
  const shown = (settings: object, archive = tracking().archive) =>
    archiveReactions(delivery(settings), tracking({ archive }))?.map(({ count }) => count) ?? null;
  expect(shown({})).toBeNull();
  expect(shown({ archive: { on: true } })).toEqual([0, 0, 0, 0]);
  expect(shown({}, counts)).toEqual([3, 0, 1, 0]);
});

test("reactivity needs opens and clicks", () => {
  expect(hasReactivity(delivery({}))).toBe(true);
  expect(hasReactivity(delivery({ tracking: { opens: false } }))).toBe(false);
});
