import { describe, expect, test } from "vitest";

import { accepted, connectionRefused, initialPace, siteFailed, slowDown } from "./pace.ts";

describe("pace", () => {
  test("a site that cannot be reached is left alone for 30 s, then twice as long each time, at most 15 min", () => {
    let pace = initialPace(20, 0);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      pace = siteFailed(pace, 0);
      waits.push(pace.suspendedUntil / 1000);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
    expect(accepted(pace, 20, 1000).failures).toBe(0);
  });

  test("a refused connection beside five open ones lowers the limit to five", () => {
    expect(connectionRefused(initialPace(20, 0), 5, 0).connections).toBe(5);
    expect(connectionRefused(initialPace(20, 0), 0, 0).connections).toBe(1);
  });

  test("slowing down halves; acceptance raises by one a minute and never past the limit", () => {
    let pace = slowDown(initialPace(4, 0), 0);
    expect(pace).toMatchObject({ connections: 2, suspendedUntil: 10_000 });
    expect(accepted(pace, 4, 59_000).connections).toBe(2);
    for (let minute = 1; minute < 10; minute++) pace = accepted(pace, 4, minute * 60_000);
    expect(pace.connections).toBe(4);
  });
});
