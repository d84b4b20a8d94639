/** Originals and their copies against a desk that does what the test says: examples, then random sequences of events. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { CopyState, DeliveryArchive } from "../core/archive/archive.ts";
import { HOUR, SECOND } from "../core/time.ts";
import type { CopyDesk } from "./copy-desk.ts";
import { createCopyFirst } from "./copy-first.ts";
import type { CopyRecord } from "./copy-record.ts";
import type { CopyTask } from "./copy-task.ts";
import { type HeldPart, holdPart } from "./held-part.ts";
import type { MadeBytes } from "./make-message.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import type { Task } from "./task.ts";

const START = Date.parse("2026-11-21T09:00:00Z");
/** More than all that is kept: while these bytes are kept, no others are. */
const LARGE = { length: 33 * 1024 * 1024 } as Uint8Array;
const SMALL: Uint8Array = Buffer.from("Subject: Hello\r\n\r\nHello\r\n");

type Ended = "archived" | "failed" | "given-up" | "later";

const madeOf = (bytes: Uint8Array): MadeBytes => ({
  bytes,
  mailFrom: "b@t.example",
  needsSmtpUtf8: false,
  digest: "d",
});

/** A desk with originals around it. */
function simulate(archive: Partial<DeliveryArchive>, bytes = SMALL) {
  let clock = START;
  const now = () => clock;
  const open: CopyTask[] = [];
  const troubles = new Map<number, number>();
  const slow = new Set<number>();
  /** What the ledger would hold, by `seq/archive`. */
  const ledger = new Map<string, CopyState>();
  const records: CopyRecord[] = [];
  const inactive = new Set<HeldPart>();
  const ends: string[] = [];
  const makes: number[] = [];
  let unmakeable = false;

  const end = (task: CopyTask, how: Ended) => {
    open.splice(open.indexOf(task), 1);
    const { key, lease, dueSince } = task;
    if (how === "later") return task.onEnd({ kind: "later", until: clock + 5 * SECOND, reason: "" }, null);
    const state = how === "failed" ? "owed" : how;
    const record: CopyRecord = {
      ...key,
      ...lease,
      dueSince,
      state,
      attempt: 1,
      inDoubt: false,
      at: clock,
      reply: "said so",
      nextAt: state === "owed" ? clock + 5 * SECOND : null,
      digest: "d",
      location: null,
    };
    task.onEnd(how === "archived" ? { kind: "archived" } : { kind: "failed", reply: "said so" }, record);
  };

  const desk: CopyDesk = {
    start: (task) => {
      open.push(task);
      if (troubles.has(task.key.archive)) end(task, "later");
    },
    trouble: (id) => (troubles.has(id) ? { until: clock + 5 * SECOND, reason: `archive ${id} is down` } : null),
    waiting: (id) => open.filter(({ key }) => key.archive === id).length,
    isQuick: (id) => !slow.has(id) && !troubles.has(id),
    lastRefusal: () => null,
    retryNow: () => {},
    recall: (match) => {
      for (const task of open.filter(match)) end(task, "later");
    },
    intentOf: () => {
      throw new Error("not of this test");
    },
    pump: () => {},
    close: () => Promise.resolve(),
  };

  const delivery = {
    id: 1,
    archive: { timing: "before", strict: false, copy: "exact", archives: [1], ...archive },
  } as SendableDelivery;
  const parts = [1, 2].map((partId) =>
    holdPart({ partId, deliveryId: partId, domain: null, epoch: 1, takenOver: false }, delivery),
  );
  const copies = createCopyFirst({
    desk,
    make: ({ seq }) => {
      makes.push(seq);
      return Promise.resolve(unmakeable ? null : madeOf(bytes));
    },
    isActive: (deliveryId) => !parts.some((part) => part.lease.deliveryId === deliveryId && inactive.has(part)),
    onRecord: (record) => {
      const { seq, archive: id, state } = record;
      records.push(record);
      const known = ledger.get(`${seq}/${id}`);
      if (known !== "archived") ledger.set(`${seq}/${id}`, state);
    },
    onMoved: () => {},
    now,
  });

  const taskOf = (seq: number, part: HeldPart, known: readonly (readonly [number, CopyState])[] = []) =>
    ({
      part,
      seq,
      address: "a@one.example",
      vars: {},
      digest: null,
      copies: new Map(known),
      made: null,
    }) as unknown as Task;
  /** Where originals go when they wait no longer. */
  const wait = (task: Task) => {
    task.part.outstanding++;
    copies.wait(
      task,
      () => ends.push(`${task.seq} on`),
      (until) => {
        ends.push(`${task.seq} off ${until - clock}`);
        copies.takeMade(task);
      },
    );
  };
  const leaves = (task: Task) => {
    copies.takeMade(task);
    const { archive: of } = delivery;
    const debts = of?.timing === "after" ? copies.follow(task, madeOf(bytes)) : copies.debts(task);
    for (const debt of debts) ledger.set(`${task.seq}/${debt.archive}`, "owed");
    return debts;
  };

  return {
    copies,
    desk,
    delivery,
    open,
    end,
    ends,
    troubles,
    slow,
    ledger,
    records,
    inactive,
    makes,
    parts,
    taskOf,
    wait,
    leaves,
    part: parts[0] as HeldPart,
    pass: (ms: number) => {
      clock += ms;
    },
    cannotBeMade: () => {
      unmakeable = true;
    },
    make: async (task: CopyTask) => {
      const made = await task.make();
      if (made === null) end(task, "later");
      else task.onMade?.();
      return made;
    },
  };
}

const first = <T>(list: readonly T[]): T => {
  const [one] = list;
  if (one === undefined) throw new Error("there is none");
  return one;
};

describe("strict", () => {
  test("goes on when the last archive has its copy, not before", () => {
    const world = simulate({ strict: true, archives: [1, 2] });
    world.wait(world.taskOf(0, world.part));
    world.end(first(world.open), "archived");
    expect(world.ends).toEqual([]);
    world.end(first(world.open), "archived");
    expect(world.ends).toEqual(["0 on"]);
  });

  test.each(["failed", "given-up", "later"] as const)("is put off when one of its copies ended as %s", (how) => {
    const world = simulate({ strict: true, archives: [1, 2] });
    world.wait(world.taskOf(0, world.part));
    world.end(first(world.open), "archived");
    world.end(first(world.open), how);
    expect(world.ends).toEqual([`0 off ${how === "later" ? 5000 : 2000}`]);
  });

  test("looks again later while a copy is owed, much later when one was given up, and never sends what an archive has", () => {
    const world = simulate({ strict: true, archives: [1, 2] });
    world.wait(world.taskOf(0, world.part, [[1, "owed"]]));
    world.wait(world.taskOf(1, world.part, [[2, "given-up"]]));
    world.wait(world.taskOf(2, world.part, [[1, "archived"]]));
    expect(world.ends).toEqual(["0 off 2000", `1 off ${HOUR}`]);
    expect(world.open.map(({ key }) => [key.seq, key.archive])).toEqual([[2, 2]]);
  });

  test("patience is not for strict ones; a recall is", async () => {
    const world = simulate({ strict: true });
    world.wait(world.taskOf(0, world.part));
    await world.make(first(world.open));
    world.pass(HOUR);
    world.copies.sweep();
    expect(world.ends).toEqual([]);
    world.copies.recall(world.part);
    expect(world.ends).toHaveLength(1);
    expect(world.ends[0]).toMatch(/^0 off/);
    expect(world.part.copies).toBe(0);
  });

  test("what cannot be made goes on, and fails by itself", async () => {
    const world = simulate({ strict: true });
    world.cannotBeMade();
    world.wait(world.taskOf(0, world.part));
    await world.make(first(world.open));
    expect(world.ends).toEqual(["0 on"]);
  });
});

describe("an archive that does not answer", () => {
  test("holds up an original for two seconds after the copy is made, and the copy is then a debt with a date of grace", async () => {
    const world = simulate({});
    const task = world.taskOf(0, world.part);
    world.wait(task);
    world.pass(10 * SECOND);
    world.copies.sweep();
    expect(world.ends).toEqual([]);
    await world.make(first(world.open));
    world.pass(2 * SECOND);
    world.copies.sweep();
    expect(world.ends).toEqual(["0 on"]);
    expect(world.part.copies).toBe(1);
    expect(world.leaves(task)).toEqual([{ archive: 1, nextAt: START + 12 * SECOND + 90 * SECOND }]);
    expect(first(world.open).isWanted()).toBe(true);
    world.pass(21 * SECOND);
    expect(first(world.open).isWanted()).toBe(false);
    world.end(first(world.open), "later");
    expect(world.part.copies).toBe(0);
    // What it was given time for is over: it is due at once.
    expect(world.records).toMatchObject([{ state: "owed", attempt: 0, nextAt: START + 33 * SECOND + 5 * SECOND }]);
  });

  test("fills up nobody's room but its own: other archives and originals of another kind go on", () => {
    const strict = simulate({ strict: true });
    for (let seq = 0; seq < 1000; seq++) strict.wait(strict.taskOf(seq, strict.part));
    const obstacle = (archive: Partial<DeliveryArchive>) =>
      strict.copies.obstacle({
        ...strict.delivery,
        archive: { timing: "before", strict: true, copy: "exact", archives: [1], ...archive },
      });
    strict.slow.add(1);
    expect(obstacle({})).toMatch(/more slowly/);
    expect(obstacle({ archives: [2] })).toBeNull();
    expect(obstacle({ strict: false })).toBeNull();
    strict.copies.recall(strict.part);
    expect(obstacle({})).toBeNull();
    expect(strict.copies.waiting()).toBe(0);
  });

  test("takes up no room with what waits no longer", async () => {
    const world = simulate({});
    for (let seq = 0; seq < 1000; seq++) world.wait(world.taskOf(seq, world.part));
    await world.make(first(world.open));
    expect(world.copies.obstacle(world.delivery)).toBe("");
    world.pass(2 * SECOND);
    world.copies.sweep();
    expect(world.copies.obstacle(world.delivery)).toBeNull();
    expect(world.part.copies).toBe(1000);
  });
});

describe("bytes", () => {
  test("are made once for all archives and for the original", async () => {
    const world = simulate({ archives: [1, 2, 3] });
    const task = world.taskOf(0, world.part);
    world.wait(task);
    await Promise.all(world.open.map((copy) => world.make(copy)));
    while (world.open.length > 0) world.end(first(world.open), "archived");
    expect(world.copies.takeMade(task)).not.toBeNull();
    expect(world.makes).toEqual([0]);
  });

  test("of several archives are counted once, and given back wherever the original's way ends", async () => {
    const world = simulate({ archives: [1, 2] }, LARGE);
    const task = world.taskOf(0, world.part);
    world.wait(task);
    await Promise.all(world.open.map((copy) => world.make(copy)));
    while (world.open.length > 0) world.end(first(world.open), "archived");
    world.copies.takeMade(task);
    const next = world.taskOf(1, world.part);
    world.wait(next);
    await Promise.all(world.open.map((copy) => world.make(copy)));
    expect(next.made).not.toBeNull();
  });

  test("are not kept for an original that has left", async () => {
    const world = simulate({ archives: [1, 2] }, LARGE);
    const task = world.taskOf(0, world.part);
    world.wait(task);
    const [quick, slow] = world.open;
    if (!quick || !slow) throw new Error("no copies");
    await world.make(quick);
    world.pass(3 * SECOND);
    world.copies.sweep();
    world.leaves(task);
    await world.make(slow);
    expect(task.made).toBeNull();
  });
});

describe("random sequences of events", () => {
  const n = fc.nat(20);
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("load", "make", "make" as const), n }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), n }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("sweep" as const), n, ms: fc.integer({ min: 500, max: 5000 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("end" as const),
        n,
        how: fc.constantFrom<Ended[]>("archived", "archived", "archived", "failed", "given-up", "later"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("recall", "lose", "trouble", "slow", "unmakeable" as const), n }),
    },
  );

  test.each([
    { timing: "before", strict: true },
    { timing: "before", strict: false },
    { timing: "after", strict: false },
  ] as const)("%o: each original ends once, nothing is lost, nothing is left over", async (how) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 60, size: "max" }),
        fc.subarray([1, 2, 3], { minLength: 1 }),
        async (events, archives) => {
          const world = simulate({ ...how, archives }, LARGE);
          const loaded: Task[] = [];
          const left = new Set<Task>();
          const unmakeable = new Set<number>();
          let broken = false;
          const isOn = ({ seq }: Task) => how.timing === "after" || world.ends.includes(`${seq} on`);
          const leave = (task: Task) => {
            if (how.strict && !archives.every((id) => task.copies.get(id) === "archived"))
              expect(unmakeable).toContain(task.seq);
            else {
              left.add(task);
              world.leaves(task);
            }
          };
          for (const step of events) {
            const copy = world.open[step.n % Math.max(1, world.open.length)];
            const part = world.parts[step.n % 2] as HeldPart;
            if (step.kind === "load" && !part.lost) {
              const task = world.taskOf(loaded.length, part);
              loaded.push(task);
              if (how.timing === "before") world.wait(task);
            } else if (step.kind === "make" && copy) {
              if (broken) unmakeable.add(copy.key.seq);
              await world.make(copy);
            } else if (step.kind === "end" && copy) world.end(copy, step.how);
            else if (step.kind === "leave") {
              const ready = loaded.filter((task) => isOn(task) && !left.has(task) && !task.part.lost);
              const task = ready[step.n % Math.max(1, ready.length)];
              if (task) leave(task);
            } else if (step.kind === "sweep") {
              world.pass(step.ms);
              world.copies.sweep();
            } else if (step.kind === "recall") world.copies.recall(part);
            else if (step.kind === "lose") {
              part.lost = true;
              world.copies.recall(part);
            } else if (step.kind === "trouble") {
              if (!world.troubles.delete(1 + (step.n % 3))) world.troubles.set(1 + (step.n % 3), 1);
            } else if (step.kind === "slow") world.slow.add(1 + (step.n % 3));
            else if (step.kind === "unmakeable" && !broken) {
              broken = true;
              world.cannotBeMade();
            }
            await Promise.resolve();
          }
          // What waits still must be let go; what is on its way may end before or after.
          for (const part of world.parts) world.copies.recall(part);
          for (const task of loaded) if (isOn(task) && !left.has(task) && !task.part.lost) leave(task);
          await Promise.resolve();
          while (world.open.length > 0) world.end(first(world.open), "later");
          for (const task of loaded) if (!left.has(task) && isOn(task)) world.copies.takeMade(task);

          const ended = world.ends.map((text) => text.split(" ")[0]);
          expect(new Set(ended).size).toBe(ended.length);
          if (how.timing === "before") expect(ended).toHaveLength(loaded.length);
          for (const { part, seq } of left) {
            if (!part.lost) expect(archives.filter((id) => !world.ledger.has(`${seq}/${id}`))).toEqual([]);
          }
          expect(world.parts.map(({ copies }) => copies)).toEqual([0, 0]);
          expect(world.copies.waiting()).toBe(0);
          // Were any bytes still counted as kept, these would not be taken along.
          world.troubles.clear();
          world.slow.clear();
          const after = {
            ...world.delivery,
            archive: { timing: "after", strict: false, copy: "exact", archives: [9] },
          };
          const probe = world.taskOf(99, holdPart(world.part.lease, after as SendableDelivery));
          world.copies.follow(probe, madeOf(LARGE));
          await Promise.resolve();
          expect(world.open.map(({ key }) => key.seq)).toEqual([99]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
