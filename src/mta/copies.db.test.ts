/** The ledger of copies on a real database: what is recorded counts once, in any order, and the identity holds. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { outcomeRecord } from "../../test/outcome-record.ts";
import { NOW, seedArchive, seedInProgress } from "../../test/seed-delivery.ts";
import { MINUTE, SECOND } from "../core/time.ts";
import { giveUpBounced } from "../features/archive/index.ts";
import { withdrawCopies } from "../features/deliveries/copies.ts";
import { commitRecords } from "./commit-records.ts";
import type { AnyRecord, CopyRecord } from "./copy-record.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { leaseParts } from "./store.ts";
import * as store from "./store-copies.ts";

let database: TestDatabase;
let deliveryId: number;
let archive: number;
let part: { partId: number; epoch: number };

beforeAll(async () => {
  database = await createTestDatabase();
  archive = await seedArchive(database.db);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.query("delete from archive_copies");
  await database.db.query("delete from archive_parts");
  deliveryId = await seedInProgress(database.db, 20, 10, { archive: { on: true } });
  const [lease] = await leaseParts(database.db, "s-1", deliveryId, { limit: 1, ...ANY }, NOW, NOW + MINUTE);
  if (!lease) throw new Error("no part was leased");
  part = lease;
});

const ANY = { avoidDomains: [], isOthers: () => false };

const commit = (...records: AnyRecord[]) => database.db.transaction((tx) => commitRecords(tx, "s-1", records));

const copy = (seq: number, changes: Partial<CopyRecord> = {}): CopyRecord => ({
  partId: part.partId,
  seq,
  archive,
  side: "part",
  epoch: part.epoch,
  attempt: 1,
  state: "archived",
  inDoubt: false,
  dueSince: NOW,
  nextAt: null,
  at: NOW,
  reply: "250 taken",
  digest: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  location: null,
  ...changes,
});
const ALL = { closed: [], resting: [], overdueSince: 0 };
const OWED = { state: "owed", nextAt: NOW + 5 * SECOND, reply: "451 later" } as const;

const outcome = (seq: number, changes: Partial<OutcomeRecord> = {}) =>
  outcomeRecord(part, seq, { address: "a@one.example", ...changes });

async function ledger() {
  const [sums] = await database.db.query<Record<string, number | boolean>>(
    `select p.due, p.archived, p.owed, p.given_up, p.due_at, c.due as c_due, c.archived as c_archived, c.owed as c_owed,
            c.given_up as c_given_up,
            (select count(*) from archive_copies r where r.part_id = p.part_id) as r_due,
            (select count(*) from archive_copies r where r.part_id = p.part_id and r.state = 'owed') as r_owed
       from archive_parts p
       left join archive_counters c on c.delivery_id = p.delivery_id and c.archive = $2 where p.part_id = $1`,
    [part.partId, archive],
  );
  return sums;
}

const rowOf = async (seq: number) =>
  (
    await database.db.query<Record<string, unknown>>(
      "select state, attempts, in_doubt, reply, next_attempt_at, archived_at from archive_copies where part_id = $1 and seq = $2",
      [part.partId, seq],
    )
  )[0];

describe("what becomes of a copy", () => {
  test("archived at the first attempt", async () => {
    await commit(copy(0));
    expect(await ledger()).toMatchObject({ due: 1, archived: 1, owed: 0, c_archived: 1, due_at: null });
  });

  test("owed, then archived; the message's own debt comes in the same batch or later", async () => {
    const debts = [{ archive, nextAt: NOW + 90 * SECOND }];
    await commit(outcome(0, { debts }), copy(0, OWED));
    expect(await ledger()).toMatchObject({ due: 1, owed: 1, c_owed: 1, due_at: NOW + 5 * SECOND });
    expect(await rowOf(0)).toMatchObject({ state: "owed", attempts: 1, reply: "451 later" });
    await commit(copy(1), outcome(1, { debts }));
    expect(await rowOf(1)).toMatchObject({ state: "archived" });
    await commit(copy(0, { attempt: 2, at: NOW + 6 * SECOND }));
    expect(await ledger()).toMatchObject({ due: 2, archived: 2, owed: 0, c_archived: 2, c_owed: 0 });
  });

  test("archived twice: no change of state, but in doubt", async () => {
    await commit(copy(0));
    await commit(copy(0, { at: NOW + SECOND }));
    expect(await rowOf(0)).toMatchObject({ state: "archived", in_doubt: true });
    expect(await ledger()).toMatchObject({ due: 1, archived: 1 });
  });

  test("a failure that comes late takes nothing back", async () => {
    await commit(copy(0));
    await commit(copy(0, { ...OWED, attempt: 2 }), copy(0, { state: "given-up", attempt: 3 }));
    expect(await rowOf(0)).toMatchObject({ state: "archived", in_doubt: false });
  });

  test("given up: an alert names it; archived after all it counts as archived", async () => {
    await commit(copy(0, { state: "given-up", reply: "550 never" }));
    expect(await ledger()).toMatchObject({ due: 1, given_up: 1, c_given_up: 1 });
    const [alert] = await database.db.query("select kind, detail from archive_alerts where delivery_id = $1", [
      deliveryId,
    ]);
    expect(alert).toMatchObject({
      kind: "given-up",
      detail: { keys: [`${part.partId}-0`], count: 1, reply: "550 never" },
    });
    await commit(copy(0, { attempt: 2, at: NOW + SECOND }));
    expect(await ledger()).toMatchObject({ archived: 1, given_up: 0 });
  });

  test("a message that nobody ever had owes nothing, unless the archive may have the copy", async () => {
    await commit(copy(0, OWED), copy(1, { ...OWED, inDoubt: true }), copy(2));
    const never = { kind: "expired", status: "failed", stage: null, code: null } as const;
    await commit(...[0, 1, 2].map((seq) => outcome(seq, never)));
    expect(await rowOf(0)).toBeUndefined();
    expect(await ledger()).toMatchObject({ due: 2, owed: 1, archived: 1, c_due: 2, c_owed: 1 });
  });
});

describe("what comes late", () => {
  const never = { kind: "expired", status: "failed", stage: null, code: null } as const;

  test("an attempt that may have been accepted is marked although another one was, or the copy was given up", async () => {
    await commit(copy(0), copy(1, { state: "given-up" }));
    const doubt = { ...OWED, inDoubt: true, reply: "nobody read it" };
    await commit(copy(0, doubt), copy(1, doubt));
    expect(await rowOf(0)).toMatchObject({
      state: "archived",
      in_doubt: true,
      reply: "250 taken",
      next_attempt_at: null,
    });
    expect(await rowOf(1)).toMatchObject({ state: "given-up", in_doubt: true, next_attempt_at: null });
    expect(await ledger()).toMatchObject({ due: 2, archived: 1, given_up: 1, owed: 0 });
  });

  test("a failed attempt makes no debt of a message that nobody will ever get; one in doubt does", async () => {
    await commit(outcome(0, never), outcome(1, never), copy(2, OWED));
    await commit(copy(0, OWED), copy(1, { ...OWED, inDoubt: true }), copy(2, { ...OWED, attempt: 2 }));
    expect(await rowOf(0)).toBeUndefined();
    expect(await rowOf(1)).toMatchObject({ state: "owed", in_doubt: true });
    expect(await ledger()).toMatchObject({ due: 2, owed: 2 });
  });

  test("a journal that is read again brings no debt of a cancelled message back", async () => {
    await commit(copy(0, OWED));
    await database.db.query("update messages set status = 'cancelled' where part_id = $1 and seq = 0", [part.partId]);
    await database.db.transaction((tx) => withdrawCopies(tx, deliveryId, [part.partId]));
    await commit(copy(0, OWED));
    expect(await rowOf(0)).toBeUndefined();
    expect(await ledger()).toMatchObject({ due: 0, owed: 0, due_at: null });
  });

  test("a copy that the archive sent back is not archived by a journal that is read again, only by a new attempt", async () => {
    await commit(copy(0));
    const key = { partId: part.partId, seq: 0, archive };
    await giveUpBounced(database.db, key, "5.1.1 nobody", NOW + SECOND);
    await commit(copy(0));
    expect(await rowOf(0)).toMatchObject({ state: "given-up", in_doubt: false });
    const again = copy(0, { attempt: 2, at: NOW + MINUTE, side: "debt" });
    await database.db.query("update archive_copies set state = 'owed', next_attempt_at = now() where part_id = $1", [
      part.partId,
    ]);
    await database.db.query("update archive_parts set owed = 1, given_up = 0, due_at = now() where part_id = $1", [
      part.partId,
    ]);
    await commit(again);
    await commit(again);
    expect(await rowOf(0)).toMatchObject({ state: "archived", in_doubt: false, archived_at: NOW + MINUTE });
  });
});

test("two senders that have the same parts never wait for each other", async () => {
  await database.db.query("delete from archive_copies");
  const many = await seedInProgress(database.db, 60, 10, { archive: { on: true } });
  const parts = await leaseParts(database.db, "s-1", many, { limit: 6, ...ANY }, NOW, NOW + MINUTE);
  const ids = parts.map(({ partId }) => partId).sort((a, b) => a - b);
  const never = { kind: "expired", status: "failed", stage: null, code: null } as const;
  const rounds = Array.from({ length: 10 }, (_, seq) => seq);
  const of = (partId: number) => parts.find((lease) => lease.partId === partId)?.epoch ?? 0;
  const [first = 0, ...others] = ids;
  const last = others.at(-1) ?? 0;
  await Promise.all(
    rounds.flatMap((seq) => [
      // What it commits and what it takes back are of different parts.
      database.db.transaction((tx) =>
        commitRecords(tx, "s-1", [
          { ...copy(seq, OWED), partId: last },
          { ...outcome(seq, never), partId: first, epoch: of(first) },
        ]),
      ),
      database.db.transaction((tx) =>
        commitRecords(
          tx,
          "s-2",
          ids.map((partId) => ({ ...copy(seq, { side: "debt" }), partId })),
        ),
      ),
    ]),
  );
  const [sums] = await database.db.query("select sum(due) as due from archive_parts where delivery_id = $1", [many]);
  expect(Number(sums?.["due"])).toBe(60);
});

test("the same records in any order, cut into any batches and repeated: the same ledger, and its identity holds", async () => {
  const records = fc.array(
    fc.record({
      seq: fc.integer({ min: 0, max: 3 }),
      attempt: fc.integer({ min: 0, max: 3 }),
      state: fc.constantFrom("owed", "archived", "given-up" as const),
      late: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(records, fc.integer({ min: 1, max: 5 }), async (given, size) => {
      await database.db.query("delete from archive_copies where part_id = $1", [part.partId]);
      await database.db.query("delete from archive_counters where delivery_id = $1", [deliveryId]);
      await database.db.query(
        "update archive_parts set due = 0, archived = 0, owed = 0, given_up = 0, due_at = null where part_id = $1",
        [part.partId],
      );
      const list = given.map(({ seq, attempt, state, late }) =>
        copy(seq, { attempt, state, at: NOW + late, nextAt: state === "owed" ? NOW + late * SECOND : null }),
      );
      for (let i = 0; i < list.length; i += size) await commit(...list.slice(i, i + size));
      const before = await ledger();
      await commit(...list);
      expect(await ledger()).toEqual(before);
      expect(before).toMatchObject({ due: before?.["r_due"], owed: before?.["r_owed"], c_due: before?.["r_due"] });
      for (const seq of new Set(given.map((record) => record.seq))) {
        const isThere = given.some((record) => record.seq === seq && record.state === "archived");
        expect((await rowOf(seq))?.["state"] === "archived").toBe(isThere);
      }
    }),
    { numRuns: 40 },
  );
});

test("what is sent later comes back only as archived when its row is gone: the message was cancelled and never left", async () => {
  await commit(copy(0, { ...OWED, side: "debt", attempt: 2 }));
  expect(await rowOf(0)).toBeUndefined();
  await commit(copy(0, { side: "debt", attempt: 2 }));
  expect(await rowOf(0)).toMatchObject({ state: "archived" });
});

describe("leases of debts", () => {
  test("one sender at a time; given back it is due when the next copy is", async () => {
    await commit(copy(0, OWED), copy(1, { ...OWED, nextAt: NOW + MINUTE }));
    const at = NOW + 6 * SECOND;
    expect(await store.leaseDebts(database.db, "s-1", 5, [], NOW, NOW + MINUTE)).toEqual([]);
    const [mine] = await store.leaseDebts(database.db, "s-1", 5, [], at, at + MINUTE);
    expect(await store.leaseDebts(database.db, "s-2", 5, [], at, at + MINUTE)).toEqual([]);
    expect((await store.loadOwed(database.db, part.partId, 10, at, ALL)).map(({ seq }) => seq)).toEqual([0]);
    if (!mine) throw new Error("no debts were leased");
    await commit(copy(0, { side: "debt", epoch: mine.epoch, attempt: 2, at }));
    await store.releaseDebts(database.db, "s-1", mine, 0, new Map());
    expect(await ledger()).toMatchObject({ owed: 1, due_at: NOW + MINUTE });
  });

  test("a debt that comes while the part is given back is not overlooked", async () => {
    await commit(copy(0, OWED));
    const at = NOW + 6 * SECOND;
    const [mine] = await store.leaseDebts(database.db, "s-1", 1, [], at, at + MINUTE);
    if (!mine) throw new Error("no debts were leased");
    await commit(copy(0, { attempt: 2, at }));
    await Promise.all([
      store.releaseDebts(database.db, "s-1", mine, 0, new Map()),
      commit(copy(5, { ...OWED, nextAt: NOW + 7 * SECOND })),
    ]);
    expect(await ledger()).toMatchObject({ owed: 1, due_at: NOW + 7 * SECOND });
  });

  test("a sender that ended: its leases are free at once, and so is what it had in hand", async () => {
    await commit(outcome(0, { debts: [{ archive, nextAt: NOW + 90 * SECOND }] }));
    await store.releaseCopies(database.db, "s-1", NOW + SECOND);
    expect(await ledger()).toMatchObject({ owed: 1, due_at: NOW + SECOND });
    expect((await store.loadOwed(database.db, part.partId, 10, NOW + SECOND, ALL)).map(({ seq }) => seq)).toEqual([0]);
  });

  test("what is in the hands of a living sender is nobody else's before its time", async () => {
    await commit(outcome(0, { debts: [{ archive, nextAt: NOW + 90 * SECOND }] }));
    await store.releaseCopies(database.db, "s-2", NOW + SECOND);
    expect(await store.leaseDebts(database.db, "s-2", 5, [], NOW + SECOND, NOW + MINUTE)).toEqual([]);
  });

  test("an archive that cannot be used holds up no other one of the same part", async () => {
    const other = archive + 1;
    await commit(
      ...[0, 1, 2].map((seq) => copy(seq, OWED)),
      copy(3, { ...OWED, archive: other, nextAt: NOW + 6 * SECOND }),
    );
    const at = NOW + 10 * SECOND;
    const [mine] = await store.leaseDebts(database.db, "s-1", 1, [], at, at + MINUTE);
    if (!mine) throw new Error("no debts were leased");
    const load = (shut: Partial<store.ShutOut>) =>
      store.loadOwed(database.db, part.partId, 1, at, { ...ALL, ...shut }).then((rows) => rows.map(({ seq }) => seq));
    expect(await load({})).toEqual([0]);
    expect(await load({ closed: [archive] })).toEqual([3]);
    expect(await load({ resting: [archive] })).toEqual([3]);
    expect(await load({ resting: [archive], overdueSince: NOW })).toEqual([0]);
    await store.releaseDebts(database.db, "s-1", mine, 0, new Map([[archive, at + MINUTE]]));
    expect(await ledger()).toMatchObject({ due_at: NOW + 6 * SECOND });
    await commit(copy(3, { archive: other, at, side: "debt" }));
    const [again] = await store.leaseDebts(database.db, "s-1", 1, [], at, at + MINUTE);
    if (!again) throw new Error("no debts were leased");
    await store.releaseDebts(database.db, "s-1", again, 0, new Map([[archive, at + MINUTE]]));
    expect(await ledger()).toMatchObject({ due_at: at + MINUTE });
  });

  test("parts are left alone while none of their archives can be used", async () => {
    await commit(copy(0, OWED));
    const at = NOW + 10 * SECOND;
    expect(await store.leaseDebts(database.db, "s-1", 5, [archive], at, at + MINUTE)).toEqual([]);
    expect(await store.leaseDebts(database.db, "s-1", 5, [archive + 1], at, at + MINUTE)).toHaveLength(1);
  });
});
