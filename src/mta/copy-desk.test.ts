/** The desk of copies against simulated archives: fake clock, sessions and stores that do what the test says. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { HOUR, MINUTE, SECOND } from "../core/time.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import type { KnownArchive, KnownTarget } from "../features/archive/index.ts";
import { CopyStoreError } from "../platform/copy-store.ts";
import { SYSTEM_TIMERS, systemClock } from "./clock.ts";
import { createCopyDesk } from "./copy-desk.ts";
import type { CopyRecord } from "./copy-record.ts";
import type { CopyResult, CopyTask } from "./copy-task.ts";
import type { MadeBytes } from "./make-message.ts";
import type { Resolver } from "./routing.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import type { OpenSession } from "./session-port.ts";
import type { Prepared } from "./task.ts";

const MADE: MadeBytes = {
  bytes: Buffer.from("Subject: Hello\r\n\r\nHello\r\n"),
  mailFrom: "b@t.example",
  needsSmtpUtf8: false,
  digest: "d",
};
const SERVER = { host: "archive.example", port: 25, implicitTls: false, user: null, password: null };
const COPIES = { address: "copies@archive.example", domain: "archive.example", envelope: "copies@archive.example" };

const MAILBOX = {
  kind: "smtp",
  address: COPIES,
  server: SERVER,
  tls: "none",
  connections: 2,
  ratePerMinute: null,
  returnPath: "back@t.example",
} as unknown as KnownTarget;
const FOLDER = { kind: "files", directory: null, zip: false, zipBatch: 10, purgeAfter: null } as KnownTarget;

type Answer = "takes" | "refuses" | "says nothing" | "is not there" | "breaks off";

const ACCEPTED: Outcome = { kind: "accepted", reply: { code: 250, enhanced: null, lines: ["taken"] } };
const REFUSED: Outcome = {
  kind: "refused",
  stage: "dot",
  reply: { code: 451, enhanced: null, lines: ["later"] },
} as Outcome;
const LOST: Outcome = {
  kind: "lost",
  stage: "dot",
  trouble: "closed",
  detail: "cut",
  inDoubt: true,
} as Outcome;
const DOWN: Outcome = { kind: "lost", stage: "connect", trouble: "unreachable", detail: "refused", inDoubt: false };

function simulate(target: KnownTarget = MAILBOX) {
  let answer: Answer = "takes";
  let archive: KnownArchive | null = {
    id: 1,
    name: "Journal",
    enabled: true,
    version: 1,
    target,
    rule: { senderDomains: [], natures: [], onlyNamed: false },
  };
  const held = new Set<() => void>();
  const troubles: string[] = [];
  const ends: { seq: number; result: CopyResult; record: CopyRecord | null }[] = [];
  const taken: number[] = [];
  const lookUps: ((failure: string | null) => void)[] = [];

  /** One copy after the other; what says nothing answers when it is let go. */
  const openSession: OpenSession = <P extends Prepared>(
    _: unknown,
    callbacks: Parameters<typeof openSession<P>>[1],
  ) => {
    const facts = { mx: "archive.example", tls: null, durationMs: 5 };
    let [busy, quitting, ended] = [false, false, false];
    const finish = () => {
      ended = true;
      callbacks.onEnd({ kind: "ended" });
    };
    const next = () => {
      if (busy || ended) return;
      const copy = quitting ? null : callbacks.takeMessage();
      if (copy === null) return void (quitting && finish());
      busy = true;
      const conclude = () => {
        held.delete(conclude);
        busy = false;
        const isCut = answer === "breaks off" || answer === "is not there";
        if (answer !== "refuses" && !isCut && copy.kind === "copy") taken.push(copy.task.key.seq);
        callbacks.onOutcome(copy, answer === "refuses" ? REFUSED : isCut ? LOST : ACCEPTED, facts);
        if (isCut) finish();
        else next();
      };
      if (answer === "says nothing") held.add(conclude);
      else setTimeout(conclude, 5);
    };
    setTimeout(() => {
      if (ended || answer !== "is not there") return next();
      ended = true;
      callbacks.onEnd({ kind: "failed", outcome: DOWN, facts });
    }, 5);
    return {
      wake: next,
      quit: () => {
        quitting = true;
        next();
      },
    };
  };

  const resolver: Resolver = {
    resolveMx: () =>
      new Promise((resolve) =>
        lookUps.push((failure) =>
          resolve(
            failure === null
              ? { kind: "found", targets: [{ host: "mx.archive.example", preference: 1 }], secure: false }
              : { kind: "unavailable", detail: failure },
          ),
        ),
      ),
    resolveAddresses: () => Promise.resolve({ kind: "found", addresses: ["192.0.2.1"] }),
    tlsaFor: () => Promise.resolve({ kind: "none" }),
  };

  const desk = createCopyDesk({
    index: 0,
    of: 1,
    openSession,
    crypto: undefined as never,
    routing: {
      transport: "direct",
      relays: [],
      relayProfile: "classic",
      routes: {},
      sandboxRoutes: null,
      resolver,
      stsPolicyFor: () => Promise.resolve(null),
    },
    openStore: () => ({
      put: async (name) => {
        if (answer === "says nothing") await new Promise<void>((resolve) => held.add(() => resolve()));
        else await new Promise((resolve) => void setTimeout(resolve, 5));
        if (answer === "refuses") throw new CopyStoreError("refused", "not this one");
        if (answer === "is not there" || answer === "breaks off") throw new CopyStoreError("unreachable", "cut");
        taken.push(Number(/-(\d+)\.eml$/.exec(name)?.[1]));
      },
      rename: () => Promise.reject(new Error("no")),
      read: () => Promise.resolve(null),
      list: () => {
        throw new Error("no");
      },
      remove: () => Promise.resolve(),
    }),
    archives: () => new Map(archive ? [[archive.id, archive]] : []),
    giveUpAfter: () => HOUR,
    mayTake: () => true,
    writeIntent: () => true,
    onTrouble: (_, __, reply) => troubles.push(reply),
    clock: systemClock(),
    timers: SYSTEM_TIMERS,
    random: () => 0.5,
  });

  const taskOf = (seq: number, changes: Partial<CopyTask> = {}): CopyTask => ({
    key: { partId: 7, seq, archive: 1 },
    delivery: {
      id: 1,
      routes: {},
      transport: "platform",
      tokens: { key: {} },
      archive: { copy: "exact" },
    } as unknown as SendableDelivery,
    address: "a@one.example",
    vars: {},
    attempts: 0,
    dueSince: Date.now(),
    digest: null,
    location: null,
    isSent: false,
    startBy: Number.POSITIVE_INFINITY,
    isWanted: () => true,
    make: () => Promise.resolve(MADE),
    lease: { side: "part", epoch: 1 },
    isCharged: true,
    onEnd: (result, record) => ends.push({ seq, result, record }),
    ...changes,
  });

  return {
    desk,
    ends,
    troubles,
    taken,
    lookUps,
    taskOf,
    start: (seq: number, changes: Partial<CopyTask> = {}) => desk.start(taskOf(seq, changes)),
    answers: (how: Answer) => {
      answer = how;
      if (how === "says nothing") return;
      for (const go of held) go();
      held.clear();
    },
    change: (changes: Partial<KnownArchive> | null) => {
      archive = changes && archive ? { ...archive, ...changes } : null;
    },
  };
}

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-11-21T09:00:00Z") }));
afterEach(() => void vi.useRealTimers());

const kinds = (ends: readonly { readonly seq: number; readonly result: CopyResult }[]) =>
  ends.map(({ seq, result }) => `${seq} ${result.kind}`);

describe("an archive that cannot be used any more", () => {
  test.each([
    ["switched off", { enabled: false }],
    ["changed", { version: 2 }],
    ["removed", null],
  ] as const)("%s: what is not on the wire stays here, and the desk says why", async (_, change) => {
    const world = simulate();
    world.answers("says nothing");
    for (let seq = 0; seq < 20; seq++) world.start(seq);
    await vi.advanceTimersByTimeAsync(100);
    world.change(change);
    world.desk.pump();
    world.answers("takes");
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.taken).toEqual([0, 1]);
    expect(world.ends.filter(({ result }) => result.kind === "later")).toHaveLength(18);
    if (change === null || "enabled" in change) {
      expect(world.desk.trouble(1)?.reason).toMatch(/switched off or removed/);
      expect(world.desk.isQuick(1)).toBe(false);
    }
    await world.desk.close();
  });
});

describe("an archive that says nothing", () => {
  test.each([
    ["mailbox", MAILBOX],
    ["folder", FOLDER],
  ])("%s: is not quick, and what has had its time is somebody else's", async (_, target) => {
    const world = simulate(target);
    world.answers("says nothing");
    for (let seq = 0; seq < 40; seq++) world.start(seq, { startBy: Date.now() + 20 * SECOND });
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.desk.isQuick(1)).toBe(true);
    await vi.advanceTimersByTimeAsync(2 * SECOND);
    expect(world.desk.isQuick(1)).toBe(false);
    await vi.advanceTimersByTimeAsync(20 * SECOND);
    world.desk.pump();
    expect(world.ends.length).toBeGreaterThanOrEqual(20);
    expect(new Set(world.ends.map(({ result }) => result.kind))).toEqual(new Set(["later"]));
    world.answers("takes");
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.ends).toHaveLength(40);
  });
});

describe("looking up where the archive is", () => {
  const byDomain = { ...MAILBOX, server: null } as KnownTarget;

  test("closing does not wait for copies that come out of it: they are not begun", async () => {
    const world = simulate(byDomain);
    world.start(0);
    const closed = world.desk.close();
    world.lookUps.splice(0).forEach((answer) => answer(null));
    await closed;
    expect(kinds(world.ends)).toEqual(["0 later"]);
  });

  test("a failure is told once, and asked about again after a rest", async () => {
    const world = simulate(byDomain);
    for (let seq = 0; seq < 50; seq++) world.start(seq);
    world.start(50, { isCharged: false });
    world.lookUps.splice(0).forEach((answer) => answer("no answer of any name server"));
    await vi.advanceTimersByTimeAsync(0);
    expect(kinds(world.ends)).toEqual([...Array.from({ length: 50 }, (_, seq) => `${seq} failed`), "50 later"]);
    expect(world.troubles).toEqual(["no answer of any name server"]);
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    world.desk.pump();
    world.start(51);
    expect(world.lookUps).toHaveLength(1);
    world.lookUps.splice(0).forEach((answer) => answer(null));
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(kinds(world.ends).at(-1)).toBe("51 archived");
  });
});

describe("records", () => {
  test("an archive that refuses for ever: attempts stay what the ledger can count", async () => {
    const world = simulate();
    world.answers("refuses");
    world.start(0, { attempts: 32_767 });
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.ends[0]?.record).toMatchObject({ attempt: 32_767, state: "owed" });
  });

  test("what is beyond its time is given up when the archive refuses it, or takes nothing at all", async () => {
    const world = simulate();
    world.answers("refuses");
    world.start(0, { dueSince: Date.now() - HOUR });
    await vi.advanceTimersByTimeAsync(SECOND);
    world.answers("is not there");
    world.start(1);
    await vi.advanceTimersByTimeAsync(MINUTE / 6);
    world.start(2);
    await vi.advanceTimersByTimeAsync(SECOND);
    world.start(3, { dueSince: Date.now() - HOUR });
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.ends.map(({ record }) => record?.state)).toEqual(["given-up", "owed", "owed", "given-up"]);
  });

  test("a copy that is cut off at its end is in doubt", async () => {
    const world = simulate();
    world.answers("breaks off");
    world.start(0);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.ends[0]?.record).toMatchObject({ state: "owed", inDoubt: true });
  });

  test("where no inert copy can be made and no original either, nothing is given up", async () => {
    const world = simulate();
    const delivery = { ...world.taskOf(0).delivery, archive: { copy: "inert" } } as SendableDelivery;
    world.start(0, { delivery, make: () => Promise.resolve(null) });
    world.start(1, { delivery });
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(world.ends.map(({ record }) => record?.state ?? null)).toEqual([null, "given-up"]);
  });
});

test.each([
  ["mailbox", MAILBOX],
  ["mailbox with a rate", { ...MAILBOX, ratePerMinute: 60 } as KnownTarget],
  ["mailbox by its domain", { ...MAILBOX, server: null } as KnownTarget],
  ["folder", FOLDER],
])("%s: whatever happens, each copy ends exactly once, and closing comes to an end", async (_, target) => {
  const event = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("start" as const), n: fc.nat(3), ms: fc.nat(40_000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), n: fc.nat(3), ms: fc.nat(8000) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("answers" as const),
        how: fc.constantFrom<Answer[]>("takes", "refuses", "says nothing", "is not there", "breaks off"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("recall", "switch", "change", "look-up" as const), n: fc.nat(5) }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40, size: "max" }), async (events) => {
      const world = simulate(target);
      let started = 0;
      let version = 1;
      for (const step of events) {
        if (step.kind === "start") {
          const startBy = step.n === 0 ? Date.now() + step.ms : Number.POSITIVE_INFINITY;
          const make = step.n === 1 ? () => Promise.resolve(null) : () => Promise.resolve(MADE);
          for (let i = 0; i <= step.n * 4; i++) world.start(started++, { startBy, make, isCharged: step.n !== 2 });
        } else if (step.kind === "pass") {
          await vi.advanceTimersByTimeAsync(step.ms);
          world.desk.pump();
        } else if (step.kind === "answers") world.answers(step.how);
        else if (step.kind === "recall") world.desk.recall(({ key }) => key.seq % 2 === 0);
        else if (step.kind === "switch") world.change({ enabled: step.n > 1 });
        else if (step.kind === "change") world.change({ version: ++version });
        else world.lookUps.splice(0).forEach((answer) => answer(step.n > 3 ? "no answer" : null));
      }
      const closed = world.desk.close();
      world.start(started++);
      world.answers("takes");
      world.lookUps.splice(0).forEach((answer) => answer(null));
      await vi.advanceTimersByTimeAsync(MINUTE);
      await closed;
      expect(world.ends.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
        Array.from({ length: started }, (__, i) => i),
      );
      const archived = world.ends.filter(({ result }) => result.kind === "archived").map(({ seq }) => seq);
      expect(archived.sort((a, b) => a - b)).toEqual(world.taken.sort((a, b) => a - b));
      expect(world.desk.waiting(1)).toBe(0);
    }),
    { numRuns: 100 },
  );
});
