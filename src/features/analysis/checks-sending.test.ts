import { expect, test } from "vitest";

import { settingsSchema, type Settings } from "../../contract/index.ts";
import { sendingItems } from "./checks-sending.ts";

/** Any. */
const NOW = Date.parse("2026-11-21T09:00:00Z");

const said = (given: object, cap = "84h") =>
  sendingItems(settingsSchema.parse(given), cap, NOW).map(({ id, level }) => `${level} ${id}`);

test.each<[string, object, string, string[]]>([
  ["less than the cap", { validity: "36h" }, "84h", []],
  ["as much as the cap", { validity: "84h" }, "84h", []],
  ["more than the cap", {}, "84h", ["info validity-capped"]],
  ["more than a lower cap", { validity: "2d" }, "1d", ["info validity-capped"]],
  [
    "a period that never ends in time",
    { validity: "1h", retries: { mode: "fixed" } },
    "84h",
    ["warning retries-never"],
  ],
  [
    "a period that the cap makes too long",
    { retries: { mode: "fixed", period: "3d" } },
    "60h",
    ["info validity-capped", "warning retries-never"],
  ],
  ["a date within the cap", { validUntil: "2026-11-22T09:00:00+01:00" }, "84h", []],
  ["a date beyond the cap", { validity: "1d", validUntil: "2026-11-30T09:00:00Z" }, "84h", ["info validity-capped"]],
  ["a date that is over", { validUntil: "2026-11-21T09:00:00Z" }, "84h", ["error validity-over"]],
  ["a period that fits", { validity: "2h", retries: { mode: "fixed" } }, "84h", []],
  ["as far as RCPT", { validity: "1d", mode: "test-smtp" }, "84h", ["warning mode-test-smtp"]],
  ["no network", { validity: "1d", mode: "verify" }, "84h", ["warning mode-verify"]],
  [
    "a test with copies",
    { validity: "1d", mode: "verify", archive: { on: true } },
    "84h",
    ["warning mode-verify", "info mode-no-copies"],
  ],
  [
    "a test with strict copies",
    { validity: "1d", mode: "test-smtp", archive: { on: true, strict: true } },
    "84h",
    ["warning mode-test-smtp", "error mode-archive-strict"],
  ],
  [
    "strict without copies",
    { validity: "1d", mode: "verify", archive: { strict: true } },
    "84h",
    ["warning mode-verify"],
  ],
  ["strict copies of what is delivered", { validity: "1d", archive: { on: true, strict: true } }, "84h", []],
])("%s", (_, settings, cap, expected) => expect(said(settings, cap)).toEqual(expected));

test("the checklist says both what is asked for and what counts", () => {
  expect(sendingItems(settingsSchema.parse({}), "84h", NOW)[0]?.title).toBe("Attempts go on for 84h, not for 5d");
});

test("deliveries from before there were modes and retries are live and adaptive", () => {
  expect(sendingItems({ validity: "1d" } as Settings, "84h", NOW)).toEqual([]);
});
