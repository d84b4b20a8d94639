import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatDate } from "./date-filter.ts";

describe("formatDate", () => {
  it.each([
    ["2026-02-03", "%Y-%m-%d %H:%M:%S", "2026-02-03 00:00:00"],
    ["2026-02-03T04:05:06Z", "%-d. %-m. %y, %k:%M", "3. 2. 26,  4:05"],
    ["2026-02-03 04:05", "%I:%M %p", "04:05 AM"],
    ["2026-02-03 14:05", "%-I %P", "2 pm"],
    ["2026-02-03T04:05:06+02:00", "%H:%M %z", "02:05 +0000"],
    ["2026-02-03T04:05:06.789-0530", "%T", "09:35:06"],
    ["2024-02-29", "%A, %B %e, %Y (%j)", "Thursday, February 29, 2024 (060)"],
    ["2026-03-01", "%^a %^b %-d%q", "SUN MAR 1st"],
    ["2026-03-11", "%-d%q", "11th"],
    ["2026-03-22", "%-d%q", "22nd"],
    [0, "%F %s", "1970-01-01 0"],
    ["86400", "%D %R", "01/02/70 00:00"],
    [-1, "%F %T", "1969-12-31 23:59:59"],
    ["2026-02-03", "100%% %Q %", "100% %Q %"],
    ["2026-02-30", "%F", null],
    ["2026-13-01", "%F", null],
    ["2026-02-03 25:00", "%F", null],
    ["tomorrow", "%F", null],
    ["", "%F", null],
    [null, "%F", null],
    [Number.NaN, "%F", null],
  ])("%j as %j is %j", (value, pattern, expected) => {
    expect(formatDate(value, pattern)).toBe(expected);
  });

  it("agrees with the calendar", () => {
    const years = { min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        const iso = date.toISOString();
        expect(formatDate(iso, "%m-%dT%H:%M:%S %A %B")).toBe(
          `${iso.slice(5, 19)} ${date.toLocaleString("en-US", { weekday: "long", timeZone: "UTC" })} ${date.toLocaleString("en-US", { month: "long", timeZone: "UTC" })}`,
        );
        expect(formatDate(iso, "%Y %s")).toBe(`${date.getUTCFullYear()} ${Math.floor(date.getTime() / 1000)}`);
      }),
    );
  });
});
