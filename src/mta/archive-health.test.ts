import { describe, expect, test } from "vitest";

import { MINUTE, SECOND } from "../core/time.ts";
import { createArchiveHealth } from "./archive-health.ts";

const START = Date.parse("2026-05-04T13:00:00Z");

function world() {
  let clock = START;
  const health = createArchiveHealth(() => clock);
  const refuse = (times: number) => Array.from({ length: times }, () => health.noteRefused(1, "Vault: 452 full"));
  return { health, refuse, pass: (ms: number) => (clock += ms), at: () => clock };
}

describe("an archive that refuses", () => {
  test("nine copies are nine copies; the tenth is about the archive, and one that it takes ends the row", () => {
    const { health, refuse } = world();
    expect(refuse(9)).not.toContain(true);
    health.noteAccepted(1);
    expect(refuse(9)).not.toContain(true);
    expect(health.trouble(1)).toBeNull();
    expect(health.lastRefusal(1)).toBe("Vault: 452 full");
    expect(refuse(1)).toEqual([true]);
    expect(health.trouble(1)).toEqual({ until: START + 5 * SECOND, reason: "Vault: 452 full" });
    expect(health.trouble(2)).toBeNull();
  });

  test("is left alone longer each time, at most two minutes", () => {
    const { health, refuse, pass, at } = world();
    const rests = Array.from({ length: 8 }, () => {
      refuse(10);
      const rest = (health.trouble(1)?.until ?? 0) - at();
      pass(rest);
      expect(health.trouble(1)).toBeNull();
      return rest;
    });
    expect(rests).toEqual([5, 10, 20, 40, 80, 120, 120, 120].map((seconds) => seconds * SECOND));
  });

  test("is tried at once when somebody wants it, and everything begins anew", () => {
    const { health, refuse } = world();
    refuse(10);
    health.setTrouble(2, { until: START + MINUTE, reason: "Folder: disk full" });
    health.forgive();
    expect([health.trouble(1), health.trouble(2)]).toEqual([null, null]);
    refuse(10);
    expect(health.trouble(1)?.until).toBe(START + 5 * SECOND);
  });
});

describe("an archive is quick", () => {
  test("as long as it answers within a second on the whole", () => {
    const { health } = world();
    expect(health.isQuick(1)).toBe(true);
    health.noteAnswer(1, 20);
    health.noteAnswer(1, 5000);
    expect(health.isQuick(1)).toBe(true);
    for (let i = 0; i < 5; i++) health.noteAnswer(1, 5000);
    expect(health.isQuick(1)).toBe(false);
  });

  test("and not when it says nothing for two seconds to what is made for it", () => {
    const { health, pass } = world();
    health.noteMade(1);
    pass(2 * SECOND);
    expect(health.isQuick(1)).toBe(true);
    pass(1);
    expect(health.isQuick(1)).toBe(false);
    health.noteIdle(1);
    expect(health.isQuick(1)).toBe(true);
  });
});
