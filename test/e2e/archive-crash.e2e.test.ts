/**
 * Deliveries with copies, an archive that fails at one attempt in five in every way there is, recipients' servers that refuse and defer, and
 * processes killed without warning. Both servers are witnesses: what the archive holds is compared byte for byte with what
 * recipients' servers got. Moments and faults are drawn from a seed (`ARCHIVE_SEED`).
 */
import { afterEach, expect, test } from "vitest";

import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import {
  aheadOfCopy,
  expectLedgerHolds,
  expectTwiceOnlyInDoubt,
  otherBytes,
  seeded,
  surplus,
  withoutCopy,
} from "./archive-ledger.ts";
import { ArchiveRig } from "./archive-rig.ts";
import { kill9, senderPids } from "./processes.ts";
import type { Reaction, Stage } from "./smtp-dialogue.ts";
import { DROP, DROP_IN_BODY, DROP_TAKING, type Script } from "./smtp-sink.ts";
import { until } from "./until.ts";

const SEED = Number(process.env["ARCHIVE_SEED"] ?? 20_261_122);
const DOMAINS = ["north.example", "south.example", "east.example", "west.example"];
const FAILING = 0.2;

type Timing = { readonly timing: "before" | "after"; readonly strict: boolean };
type Victim = "sender" | "main";

let rig: ArchiveRig;
afterEach(() => rig.close());

/** What the archive does wrong, by the stage; hints keep the debts short. */
const FAULTS: Partial<Record<Stage, readonly Reaction[]>> = {
  rcpt: [
    "451 4.3.2 not now, try again in 1 seconds",
    "452 4.3.1 insufficient storage, try again in 1 seconds",
    "550 5.7.1 not for you today",
  ],
  data: [DROP, DROP_IN_BODY],
  dot: [
    "451 4.3.0 not kept, try again in 1 seconds",
    "452 4.3.1 full, try again in 1 seconds",
    "554 5.6.0 I do not like it",
    DROP,
    DROP_TAKING,
  ],
};
const FAULT_COUNT = Object.values(FAULTS).flat().length;

function failingArchive(random: () => number): Script {
  return async ({ stage }) => {
    const faults = FAULTS[stage] ?? [];
    if (stage === "dot" && random() < 0.05) await new Promise((resolve) => setTimeout(resolve, 10 * random()));
    // Each of them happens to as many messages as any other.
    return random() < (FAILING * faults.length) / FAULT_COUNT
      ? faults[Math.floor(random() * faults.length)]
      : undefined;
  };
}

/** By number: one in 20 bounces at RCPT, one in 20 at the final dot, one in 10 is deferred at first. */
const recipients: Script = ({ stage, address, times }) => {
  const n = Number(/^p(\d+)@/.exec(address)?.[1] ?? 0) % 20;
  if (stage === "rcpt" && n === 3) return "550 5.1.1 no such user here";
  if (stage === "dot" && n === 7) return "554 5.7.1 message refused";
  if (stage === "rcpt" && n === 11 && times === 1) return "451 4.7.1 greylisted, try again in 1 seconds";
  if (stage === "dot" && n === 13 && times === 1) return "451 4.3.0 later, try again in 1 seconds";
  return undefined;
};

async function kill(victim: Victim): Promise<void> {
  if (victim === "main") {
    await rig.killMain();
    return rig.start();
  }
  const pids = await until(() => {
    const found = senderPids(rig.main.pid);
    return found.length > 0 && found;
  });
  kill9(...pids);
}

async function deliver(count: number, wish: Timing, victims: readonly Victim[], seed: number): Promise<number> {
  const random = seeded(seed);
  rig = await ArchiveRig.open();
  rig.archive.script = failingArchive(random);
  rig.sink.script = recipients;
  await rig.start();
  await rig.addArchive();
  const id = await rig.prepare({ count, domains: DOMAINS, settings: { archive: { on: true, ...wish } } });
  const watch = rig.watchFigures(id, count);
  await rig.confirm(id);
  for (const [i, victim] of victims.entries()) {
    // The last moments may lie among the retries.
    const moment = Math.floor(((i + random()) / (victims.length + 1)) * count * 0.85);
    await rig.sink.until(() => rig.sink.timesTaken.size >= moment);
    await kill(victim);
  }
  const hurry = keepHurrying();
  await rig.untilState(id, "finished");
  const figures = await rig.untilPaid(id);
  await hurry.end();
  await watch.end();
  expect(figures).toMatchObject({ toDeliver: count, sent: rig.sink.timesTaken.size, pending: 0, inDoubt: 0 });
  expect(figures.failed).toBe(count - rig.sink.timesTaken.size);
  return id;
}

/** Greylisting servers and strict deliveries would take minutes. */
function keepHurrying(): { end(): Promise<void> } {
  let ended = false;
  const hurrying = until(async () => {
    await rig.hurry();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return ended;
  });
  return {
    end: async () => {
      ended = true;
      await hurrying;
    },
  };
}

/** What holds of every delivery, whatever the timing. */
async function expectAllHolds(id: number): Promise<{ inDoubt: number }> {
  const { db } = rig.database;
  await expectAccountingHolds(db, id);
  await expectOnceEach(db, id, rig.sink.timesTaken);
  const sums = await expectLedgerHolds(db, id);
  expect(sums).toMatchObject({ owed: 0, given_up: 0 });
  expect(otherBytes(rig.archive.taken, rig.sink.offered)).toEqual([]);
  return { inDoubt: await expectTwiceOnlyInDoubt(db, id, rig.archive.taken) };
}

test.each([
  { count: 5000, victims: ["sender", "main", "sender"] as const },
  { count: 600, victims: [] },
])(
  "before, $count messages: whatever any server saw is in the archive, in the same bytes",
  async ({ count, victims }) => {
    const id = await deliver(count, { timing: "before", strict: false }, victims, SEED);
    await expectAllHolds(id);
    expect(withoutCopy(rig.sink.offered, rig.archive.taken)).toEqual([]);
  },
);

test.each([
  { count: 1500, victims: ["sender", "main", "sender"] as const },
  { count: 600, victims: [] },
])(
  "strict, $count messages: no original is at its final dot before the archive took its copy",
  async ({ count, victims }) => {
    const id = await deliver(count, { timing: "before", strict: true }, victims, SEED + 1);
    await expectAllHolds(id);
    expect(aheadOfCopy(rig.sink.offered, rig.archive.taken)).toEqual([]);
  },
);

test.each([
  { count: 1500, victims: ["sender", "main", "sender"] as const },
  { count: 600, victims: [] },
])("after, $count messages: exactly what was accepted is in the archive", async ({ count, victims }) => {
  const id = await deliver(count, { timing: "after", strict: false }, victims, SEED + 2);
  await expectAllHolds(id);
  expect(withoutCopy(rig.sink.taken, rig.archive.taken)).toEqual([]);
  expect(surplus(rig.archive.taken, rig.sink.taken)).toEqual([]);
  expect(aheadOfOriginal()).toEqual([]);
});

/** Copies that the archive had before any server took their original. */
function aheadOfOriginal(): string[] {
  return aheadOfCopy(rig.archive.taken, rig.sink.taken);
}
