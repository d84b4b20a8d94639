import { expect, test } from "vitest";

import { DAY, HOUR } from "../../core/time.ts";
import { waveItems } from "./wave-items.ts";

const levels = (waves: Parameters<typeof waveItems>[0]["waves"], count: number, validity = 5 * DAY) =>
  waveItems({ waves }, count, validity).map(({ id, level }) => `${id} ${level}`);

test.each<[string, Parameters<typeof waveItems>[0]["waves"], number, string[]]>([
  ["none", undefined, 100, []],
  ["nobody to deliver to", { kind: "equal", size: "30%", every: "1d" }, 0, []],
  ["in time", { kind: "equal", size: "30%", every: "1d" }, 100, ["waves info"]],
  ["with little time left", { kind: "equal", size: "50%", every: "119h" }, 100, ["waves info", "waves-late warning"]],
  [
    "F72: at the end of the validity",
    { kind: "equal", size: "50%", every: "5d" },
    100,
    ["waves info", "waves-validity error"],
  ],
  [
    "F72: after the end",
    { kind: "calendar", waves: [{ size: "10%" }, { after: "6d" }] },
    100,
    ["waves info", "waves-validity error"],
  ],
  ["too many", { kind: "equal", size: 1, every: "1s" }, 1000, ["waves-too-many error"]],
  [
    "that leave people over",
    { kind: "calendar", waves: [{ size: "10%" }, { after: "6h", size: "10%" }] },
    100,
    ["waves info", "waves-rest warning"],
  ],
])("waves: %s", (_, waves, count, expected) => expect(levels(waves, count)).toEqual(expected));

test("one wave alone always has time enough", () => {
  expect(levels({ kind: "equal", size: "100%", every: "1d" }, 10, HOUR)).toEqual(["waves info"]);
});

test("sizes are written out, as far as anybody reads", () => {
  const [info] = waveItems({ waves: { kind: "equal", size: 10, every: "1h" } }, 25, DAY);
  expect(info?.detail).toBe("10 at the start, 10 after 1h, 5 after 2h");
  const [many] = waveItems({ waves: { kind: "equal", size: 1, every: "1h" } }, 20, 5 * DAY);
  expect(many?.detail).toMatch(/, 1 after 7h, and 12 more$/);
});
