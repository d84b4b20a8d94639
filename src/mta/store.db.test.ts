/** The SQL of the sending path on a real database: leases that nobody shares, outcomes that count once, counters that follow. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { outcomeRecord } from "../../test/outcome-record.ts";
import { NOW, seedInProgress } from "../../test/seed-delivery.ts";
import { MINUTE, SECOND } from "../core/time.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { commitOutcomes } from "./commit-outcomes.ts";
import { leaseParts, loadMessages, releaseAll, releasePart, renewLeases, type Lease } from "./store.ts";

let database: TestDatabase;
let id: number;
const UNTIL = NOW + MINUTE;
const ANY = { avoidDomains: [], isOthers: () => false };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const lease = (sender: string, limit = 1, at = NOW) =>
  leaseParts(database.db, sender, id, { limit, ...ANY }, at, at + MINUTE);

async function leaseOne(sender: string, at = NOW): Promise<Lease> {
  const [part] = await lease(sender, 1, at);
  if (!part) throw new Error("no part was leased");
  return part;
}

const partRow = async (partId: number) =>
  (await database.db.query<Record<string, unknown>>("select * from delivery_parts where id = $1", [partId]))[0];

const RETRY: Partial<OutcomeRecord> = {
  status: "taken-into-account",
  type: "soft",
  reason: "mailbox-full",
  nextAt: NOW + 5 * MINUTE,
  finalAt: null,
  kind: "refused",
  stage: "rcpt",
  code: 452,
  reply: "452 4.2.2 full",
};

const commit = (records: readonly OutcomeRecord[], sender = "a-1") =>
  database.db.transaction((tx) => commitOutcomes(tx, sender, records));

const snapshot = async () => ({
  messages: await database.db.query("select * from messages order by part_id, seq"),
  attempts: await database.db.query("select * from message_attempts order by part_id, seq, attempt"),
  parts: await database.db.query("select * from delivery_parts order by id"),
  destinations: await database.db.query("select * from destination_counters order by delivery_id, domain, sender"),
  quarantine: await database.db.query("select * from quarantine order by match_key"),
});

describe("leases", () => {
  beforeEach(async () => {
    id = await seedInProgress(database.db, 200, 10);
  });

  test("two senders that ask at once never get the same part, and together get all", async () => {
    const senders = ["a-1", "a-2", "b-1", "b-2"];
    const won = await Promise.all(senders.map((sender) => lease(sender, 20)));
    const ids = won.flat().map((part) => part.partId);
    expect(new Set(ids).size).toBe(ids.length);
    // A lost race leaves a part for the next look.
    const rest = await lease("c-1", 20);
    expect(ids.length + rest.length).toBe(20);
    for (const [i, parts] of won.entries()) {
      for (const part of parts) expect(await partRow(part.partId)).toMatchObject({ owner: senders[i], epoch: 1 });
    }
  });

  test("a part is leased again only when its lease ran out, and then says that it was taken over", async () => {
    const part = await leaseOne("a-1");
    expect(part).toMatchObject({ epoch: 1, takenOver: false });
    const others = await lease("b-1", 20, UNTIL - 1);
    expect(others.map((other) => other.partId)).not.toContain(part.partId);
    const later = await lease("c-1", 20, UNTIL);
    expect(later.find((other) => other.partId === part.partId)).toMatchObject({ epoch: 2, takenOver: true });
  });

  test("parts of others at the head of the queue keep nobody from their own behind them", async () => {
    const many = await seedInProgress(database.db, 800, 10);
    const rows = await database.db.query<{ id: number }>(
      "select max(id) as id from delivery_parts where delivery_id = $1",
      [many],
    );
    const mine = rows[0]?.id ?? 0;
    const isOthers = (partId: number) => partId !== mine;
    const won = await leaseParts(database.db, "a-1", many, { avoidDomains: [], isOthers, limit: 1 }, NOW, UNTIL);
    expect(won.map(({ partId }) => partId)).toEqual([mine]);
  });

  test("renewing keeps what is ours and names what is not any more", async () => {
    const [kept, lost] = await lease("a-1", 2);
    if (!kept || !lost) throw new Error("two parts are needed");
    await database.db.query("update delivery_parts set due_at = $2 where id = $1", [lost.partId, new Date(NOW)]);
    await lease("b-1", 1);
    const still = await renewLeases(database.db, "a-1", [kept, lost], UNTIL + MINUTE);
    expect(still).toEqual(new Set([kept.partId]));
    expect(await partRow(kept.partId)).toMatchObject({ due_at: UNTIL + MINUTE, owner: "a-1" });
    expect(await partRow(lost.partId)).toMatchObject({ owner: "b-1", epoch: 2 });
  });

  test("nothing is leased of a delivery that is not in progress, or of a destination to avoid", async () => {
    expect(
      await leaseParts(database.db, "a-1", id, { ...ANY, limit: 5, avoidDomains: ["one.example"] }, NOW, UNTIL),
    ).toEqual([]);
    await database.db.query("update deliveries set state = 'pausing' where id = $1", [id]);
    expect(await lease("a-1", 5)).toEqual([]);
  });

  test("a part that is given back is due when its next message is, not before, and never when all are final", async () => {
    const part = await leaseOne("a-1");
    const nine = Array.from({ length: 9 }, (_, seq) => outcomeRecord(part, seq));
    await commit([...nine, outcomeRecord(part, 9, RETRY)]);
    await releasePart(database.db, "a-1", part, NOW + SECOND, 0);
    expect(await partRow(part.partId)).toMatchObject({ owner: null, due_at: NOW + 5 * MINUTE, epoch: 1 });

    const again = (await lease("a-1", 20, NOW + 5 * MINUTE)).find((other) => other.partId === part.partId);
    if (!again) throw new Error("the part is due");
    expect(again).toMatchObject({ epoch: 2, takenOver: false });
    expect(await loadMessages(database.db, part.partId, -1, 50, NOW + 5 * MINUTE)).toMatchObject([
      { seq: 9, attempts: 1 },
    ]);
    await releasePart(database.db, "a-1", again, NOW + 5 * MINUTE, NOW + 10 * MINUTE);
    expect(await partRow(part.partId)).toMatchObject({ due_at: NOW + 10 * MINUTE });

    const last = (await lease("a-1", 20, NOW + 10 * MINUTE)).find((other) => other.partId === part.partId);
    if (!last) throw new Error("the part is due");
    await commit([outcomeRecord(last, 9, { attempt: 2, fromStatus: "taken-into-account" })]);
    await releasePart(database.db, "a-1", last, NOW, 0);
    expect(await partRow(part.partId)).toMatchObject({ owner: null, due_at: null, sent: 10, pending: 0, retrying: 0 });
  });

  test("giving back what somebody else holds by now changes nothing", async () => {
    const part = await leaseOne("a-1");
    const taken = (await lease("b-1", 20, UNTIL)).find((other) => other.partId === part.partId);
    const before = await partRow(part.partId);
    await releasePart(database.db, "a-1", part, NOW, 0);
    expect(await partRow(part.partId)).toEqual(before);
    expect(taken?.takenOver).toBe(true);
  });

  test("after a crash a sender gives back all it held, and only that, under a new epoch", async () => {
    const mine = await lease("a-1", 3);
    const [theirs] = await lease("b-1", 1);
    await releaseAll(database.db, "a-1", NOW + SECOND);
    for (const { partId } of mine) {
      expect(await partRow(partId)).toMatchObject({ owner: null, epoch: 2, due_at: NOW + SECOND });
    }
    expect(await partRow(theirs?.partId ?? 0)).toMatchObject({ owner: "b-1", epoch: 1 });
  });
});

describe("outcomes", () => {
  let part: Lease;
  beforeEach(async () => {
    await database.db.query("delete from quarantine");
    id = await seedInProgress(database.db, 10, 10);
    part = await leaseOne("a-1");
  });

  test("of seeds they count in their part and at no destination", async () => {
    const destinations =
      "select sum(sent) as sent, sum(retrying) as retrying from destination_counters where delivery_id = $1";
    const before = await database.db.query(destinations, [id]);
    await database.db.query("update delivery_parts set seeds = true where id = $1", [part.partId]);
    expect(await commit([outcomeRecord(part, 0), outcomeRecord(part, 1, RETRY)])).toHaveLength(2);
    expect(await partRow(part.partId)).toMatchObject({ sent: 1, retrying: 1 });
    expect(await database.db.query(destinations, [id])).toEqual(before);
  });

  test("messages, attempts, counters of part and destination follow from what happened", async () => {
    await commit([
      outcomeRecord(part, 0),
      outcomeRecord(part, 1, RETRY),
      outcomeRecord(part, 2, {
        status: "failed",
        type: "hard",
        reason: "user-unknown",
        kind: "refused",
        quarantineKey: "p2@one.example",
      }),
      outcomeRecord(part, 3, {
        status: "in-doubt",
        type: "ignored",
        reason: "unreachable",
        kind: "in-doubt",
        inDoubt: true,
        finalAt: null,
      }),
    ]);
    expect(await partRow(part.partId)).toMatchObject({ pending: 6, retrying: 1, sent: 1, failed: 1, in_doubt: 1 });
    const [counters] = await database.db.query(
      "select sender, sent, failed, retrying from destination_counters where delivery_id = $1 and sender <> ''",
      [id],
    );
    expect(counters).toEqual({ sender: "a-1", sent: 1, failed: 1, retrying: 1 });
    expect(
      await database.db.query(
        "select seq, status, reason, attempts, in_doubt from messages where part_id = $1 and attempts > 0 order by seq",
        [part.partId],
      ),
    ).toEqual([
      { seq: 0, status: "sent", reason: null, attempts: 1, in_doubt: false },
      { seq: 1, status: "taken-into-account", reason: "mailbox-full", attempts: 1, in_doubt: false },
      { seq: 2, status: "failed", reason: "user-unknown", attempts: 1, in_doubt: false },
      { seq: 3, status: "in-doubt", reason: "unreachable", attempts: 1, in_doubt: true },
    ]);
    expect(await database.db.query("select match_key, status, errors from quarantine")).toEqual([
      { match_key: "p2@one.example", status: "quarantined", errors: 1 },
    ]);
  });

  test("the same outcomes again change nothing: after a lost answer, from a journal, from two readers of it at once", async () => {
    const records = [
      outcomeRecord(part, 0),
      outcomeRecord(part, 1, RETRY),
      outcomeRecord(part, 2, {
        status: "failed",
        type: "hard",
        reason: "user-unknown",
        quarantineKey: "again@one.example",
      }),
    ];
    await commit(records);
    const before = await snapshot();
    await commit(records);
    await Promise.all([commit(records), commit([...records].reverse(), "b-1")]);
    expect(await snapshot()).toEqual(before);
  });

  test("soft errors of addresses count, others do not; mail that arrives takes them back", async () => {
    await commit([
      outcomeRecord(part, 1, { ...RETRY, errorScope: "address" }),
      outcomeRecord(part, 2, { ...RETRY, errorScope: "address" }),
      outcomeRecord(part, 3, RETRY),
    ]);
    const rows = () => database.db.query("select match_key, status, reason, errors from quarantine order by match_key");
    const withErrors = (seq: number) => ({
      match_key: `p${seq}@one.example`,
      status: "with-errors",
      reason: "mailbox-full",
      errors: 1,
    });
    expect(await rows()).toEqual([withErrors(1), withErrors(2)]);
    const second = { attempt: 2, fromStatus: "taken-into-account", at: NOW + 5 * MINUTE } as const;
    await commit([
      outcomeRecord(part, 1, second),
      outcomeRecord(part, 2, { ...RETRY, ...second, errorScope: "address" }),
    ]);
    expect(await rows()).toEqual([withErrors(2)]);
    expect(
      await database.db.query(
        "select match_key, status, cause, delivery_id, seq from quarantine_history where delivery_id = $1 or cause = 'delivered' order by at, match_key",
        [id],
      ),
    ).toEqual([
      { match_key: "p1@one.example", status: "with-errors", cause: "error", delivery_id: id, seq: 1 },
      { match_key: "p2@one.example", status: "with-errors", cause: "error", delivery_id: id, seq: 2 },
      { match_key: "p1@one.example", status: "valid", cause: "delivered", delivery_id: null, seq: null },
    ]);
  });

  test("a batch with some that are known already counts the others", async () => {
    await commit([outcomeRecord(part, 0)]);
    await commit([outcomeRecord(part, 0), outcomeRecord(part, 1)]);
    expect(await partRow(part.partId)).toMatchObject({ pending: 8, sent: 2 });
  });

  test("what a late owner says under its old epoch counts for nothing", async () => {
    const [taken] = await lease("b-1", 1, UNTIL);
    const before = await snapshot();
    await commit([outcomeRecord(part, 0), outcomeRecord(part, 1, RETRY)]);
    expect(await snapshot()).toEqual(before);
    if (!taken) throw new Error("the part can be taken over");
    await commit([outcomeRecord(taken, 0)], "b-1");
    expect(await partRow(part.partId)).toMatchObject({ sent: 1, pending: 9 });
  });

  test("a second attempt moves the message on from where the first left it", async () => {
    await commit([outcomeRecord(part, 1, RETRY)]);
    const second = outcomeRecord(part, 1, { attempt: 2, fromStatus: "taken-into-account" });
    await commit([{ ...second, attempt: 3 }]);
    expect(await partRow(part.partId)).toMatchObject({ retrying: 1, sent: 0 });
    await commit([second]);
    expect(await partRow(part.partId)).toMatchObject({ retrying: 0, sent: 1, pending: 9 });
    const attempts = await database.db.query(
      "select attempt, kind from message_attempts where part_id = $1 order by 1",
      [part.partId],
    );
    expect(attempts).toEqual([
      { attempt: 1, kind: "refused" },
      { attempt: 2, kind: "accepted" },
    ]);
  });

  test("the digest that stays is that of the first attempt that had bytes", async () => {
    const again = { status: "taken-into-account", nextAt: NOW, finalAt: null } as const;
    const digest = Buffer.alloc(32, 7).toString("base64");
    await commit([outcomeRecord(part, 0, { ...again, digest: null })]);
    await commit([outcomeRecord(part, 0, { ...again, attempt: 2, fromStatus: "taken-into-account", digest })]);
    const other = Buffer.alloc(32, 8).toString("base64");
    await commit([outcomeRecord(part, 0, { attempt: 3, fromStatus: "taken-into-account", digest: other })]);
    const [row] = await database.db.query<{ digest: string }>(
      "select encode(digest, 'base64') as digest from messages where part_id = $1 and seq = 0",
      [part.partId],
    );
    expect(row?.digest).toBe(digest);
  });

  test("a message that was cancelled meanwhile stays cancelled", async () => {
    await database.db.query("update messages set status = 'cancelled' where part_id = $1 and seq = 5", [part.partId]);
    await database.db.query("update delivery_parts set pending = 9, cancelled = 1 where id = $1", [part.partId]);
    await commit([outcomeRecord(part, 5)]);
    expect(await partRow(part.partId)).toMatchObject({ pending: 9, cancelled: 1, sent: 0 });
  });

  test("the database itself refuses counters that do not add up", async () => {
    const bad = database.db.query("update delivery_parts set sent = sent + 1 where id = $1", [part.partId]);
    await expect(bad).rejects.toThrow(/delivery_parts_identity_check/);
    await expect(
      database.db.query("update deliveries set excluded = excluded + 1 where id = $1", [id]),
    ).rejects.toThrow(/targeted_check/);
  });
});
