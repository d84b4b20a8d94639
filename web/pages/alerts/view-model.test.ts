import { expect, test } from "vitest";

import { alertSettingsSchema } from "../../../src/contract/alerts.ts";
import { draftOf, settingsOf } from "./view-model.ts";

test("what nobody touched is not written down, what somebody did is", () => {
  const usual = alertSettingsSchema.parse({});
  expect(settingsOf(draftOf(usual))).toEqual(usual);
  const draft = draftOf(usual);
  draft.addresses = " ops@a.example,\nmore@a.example ";
  draft.remind = "";
  draft.rules["hard-bounces"] = { on: true, thresholds: { percent: 2, least: "" } };
  draft.rules.running.on = true;
  const saved = settingsOf(draft);
  expect(saved).toEqual({
    ...usual,
    addresses: ["ops@a.example", "more@a.example"],
    remind: null,
    rules: { "hard-bounces": { percent: 2 }, running: { on: true } },
  });
  expect(settingsOf(draftOf(saved))).toEqual(saved);
});
