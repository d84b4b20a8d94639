/** Acceptance statements 23 to 25: which messages an archive gets copies of, and how many archives a delivery may have. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { chooseArchives } from "../../src/core/archive/choose-archives.ts";
import type { CopyTiming } from "../../src/core/archive/archive.ts";
import type { CopyFirst } from "../../src/mta/copy-first.ts";
import { ACCEPTED, directRouting, dispatchIn, NO_COPIES, refused, type RigOptions } from "../dispatch-rig.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How many of three messages are copied, and what became of the messages. */
async function copied(timing: CopyTiming, options: RigOptions): Promise<[number, string[]]> {
  let copies = 0;
  const copyFirst: CopyFirst = {
    ...NO_COPIES,
    wait: (_, goOn) => {
      copies++;
      goOn();
    },
    follow: () => {
      copies++;
      return [];
    },
  };
  const rig = dispatchIn({ ...options, copyFirst: () => copyFirst });
  rig.start(3, { archive: { timing, strict: false, copy: "exact", archives: [1] } });
  await vi.advanceTimersByTimeAsync(1000);
  return [copies, rig.records.map(({ status }) => status)];
}

test("23: of a hard bounce there is a copy where copies are made before messages leave, none where they are made after", async () => {
  const reply = () => refused(550, "5.1.1 User unknown");
  expect(await copied("before", { reply })).toEqual([3, Array(3).fill("failed")]);
  expect(await copied("after", { reply })).toEqual([0, Array(3).fill("failed")]);
  expect(await copied("after", { reply: () => ACCEPTED })).toEqual([3, Array(3).fill("sent")]);
});

test("24: a delivery may have several archives: each of them gets its copies", () => {
  const rule = { senderDomains: [], natures: [], onlyNamed: false };
  const candidates = [1, 2, 3].map((id) => ({ id, enabled: true, rule }));
  const platform = { timing: "before", strict: false, copy: "exact" } as const;
  const delivery = { senderDomain: "news.example", nature: "marketing" } as const;
  expect(chooseArchives({ on: true, archives: ["1", "3"] }, platform, candidates, delivery)).toMatchObject({
    kind: "chosen",
    archive: { archives: [1, 3] },
  });
});

test.each([
  ["classic", "sent"],
  ["confirmed", "taken-into-account"],
] as const)("25: what a relay took is copied in the %s profile, and it is %s", async (relayProfile, status) => {
  const relay = { host: "relay.example", port: 25, implicitTls: false, user: null, password: null, weight: 1 };
  const routing = { ...directRouting(), transport: "relay", relays: [relay], relayProfile } as const;
  expect(await copied("after", { routing })).toEqual([3, Array(3).fill(status)]);
});
