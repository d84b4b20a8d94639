/** A copy of an installation: known as one, put in order once, silent until a person says go. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";

import { admin, createTestDatabase, type TestDatabase, withDatabase } from "../../../test/database.ts";
import { NOW, seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { installationSchema } from "../../contract/responses-retention.ts";
import { HOUR, MINUTE } from "../../core/time.ts";
import { openDb, timestamp } from "../../platform/db.ts";
import { holdCopy, holdInstallation, loadInstallation, recogniseCopy, releaseInstallation } from "./index.ts";

describe("what a sender held when the copy was made", () => {
  let database: TestDatabase;
  let id = 0;
  const HOLD = { by: "envoi", reason: "restored" };
  const hold = () => database.db.transaction((tx) => holdCopy(tx, HOLD, NOW, NOW + HOUR));
  const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);
  const statuses = async (part: number) =>
    Object.fromEntries(
      (
        await rows<{ status: string; n: number }>(
          "select status, count(*) as n from messages where part_id = $1 group by 1",
          [part],
        )
      ).map(({ status, n }) => [status, n]),
    );

  beforeEach(async () => {
    database = await createTestDatabase();
    id = await seedInProgress(database.db, 40, 10);
    return () => database.drop();
  });

  test("is in doubt, with an attempt that says so; the rest waits, nothing is lost and nothing counted twice", async () => {
    const parts = (await rows<{ id: number }>("select id from delivery_parts order by id")).map((part) => part.id);
    const [held = 0, free = 0] = parts;
    await rows("update delivery_parts set owner = 'abcd-1', epoch = 3, due_at = $2 where id = $1", [
      held,
      timestamp(NOW + MINUTE),
    ]);
    // One was sent, one waits for its retry now, one for its retry in two hours, one is at a relay.
    await rows("update messages set status = 'sent', attempts = 1, final_at = now() where part_id = $1 and seq = 0", [
      held,
    ]);
    const retry =
      "update messages set status = 'taken-into-account', attempts = 1, next_attempt_at = $3, relayed = $4 where part_id = $1 and seq = $2";
    await rows(retry, [held, 1, timestamp(NOW), false]);
    await rows(retry, [held, 2, timestamp(NOW + 2 * HOUR), false]);
    await rows(retry, [held, 3, timestamp(NOW), true]);
    await rows("update delivery_parts set pending = 6, retrying = 3, sent = 1 where id = $1", [held]);
    await rows(
      "insert into destination_counters (delivery_id, domain, sender, to_deliver, retrying, sent) values ($1, 'one.example', 'abcd-1', 0, 3, 1)",
      [id],
    );

    expect(await hold()).toEqual({ inDoubt: 7, paused: [id] });
    expect(await statuses(held)).toEqual({ sent: 1, "taken-into-account": 2, "in-doubt": 7 });
    expect(await statuses(free)).toEqual({ pending: 10 });
    expect(
      await rows(
        "select owner, epoch, pending, retrying, sent, in_doubt, due_at is not null as due from delivery_parts where id = $1",
        [held],
      ),
    ).toEqual([{ owner: null, epoch: 4, pending: 0, retrying: 2, sent: 1, in_doubt: 7, due: true }]);
    expect(await rows("select sum(retrying)::int as n from destination_counters where delivery_id = $1", [id])).toEqual(
      [{ n: 2 }],
    );
    const attempts = await rows(
      "select seq, attempt, kind, reply from message_attempts where part_id = $1 order by seq",
      [held],
    );
    expect(attempts).toHaveLength(7);
    expect(attempts[0]).toMatchObject({
      seq: 1,
      attempt: 2,
      kind: "in-doubt",
      reply: expect.stringContaining("2026-11-21T09:00:00.000Z"),
    });
    expect(attempts[1]).toMatchObject({ seq: 4, attempt: 1 });
    expect(await rows("select state, hold_reason from deliveries where id = $1", [id])).toEqual([
      { state: "paused", hold_reason: expect.stringContaining("may have been sent since") },
    ]);
  });

  test("a part whose last messages are in doubt is done", async () => {
    await rows("update delivery_parts set owner = 'abcd-1'");
    expect(await hold()).toEqual({ inDoubt: 40, paused: [id] });
    expect(await rows("select distinct owner, due_at, pending, in_doubt from delivery_parts")).toEqual([
      { owner: null, due_at: null, pending: 0, in_doubt: 10 },
    ]);
  });

  test("release lets go on what was under way only when it is said, and misses starts whose time has passed", async () => {
    await hold();
    const scheduled = `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, start_at, start_not_after, start_by)
      values ($1, 'scheduled', '{}', '{}', '{}', now(), now(), $2, $3, 'ann')`;
    await rows(scheduled, ["passed", timestamp(NOW), timestamp(NOW + 9 * HOUR)]);
    await rows(scheduled, ["to come", timestamp(NOW + 3 * HOUR), timestamp(NOW + 9 * HOUR)]);
    expect(await releaseInstallation(database.db, "ann", false, NOW + 2 * HOUR)).toEqual({
      wasHeld: true,
      resumed: [],
    });
    expect(await rows("select state from deliveries where id = $1", [id])).toEqual([{ state: "paused" }]);
    expect(
      await rows(
        "select label, start_not_after = start_at as missed from deliveries where state = 'scheduled' order by 1",
      ),
    ).toEqual([
      { label: "passed", missed: true },
      { label: "to come", missed: false },
    ]);
    expect(await releaseInstallation(database.db, "ann", true, NOW + 2 * HOUR), "nothing is held any more").toEqual({
      wasHeld: false,
      resumed: [],
    });
  });

  test("with resume it goes on; what somebody stopped meanwhile does not", async () => {
    const other = await seedInProgress(database.db, 5, 10);
    expect((await hold()).paused).toEqual([id, other]);
    await rows("update deliveries set state = 'stopping' where id = $1", [other]);
    expect(await releaseInstallation(database.db, "ann", true, NOW + 2 * HOUR)).toEqual({
      wasHeld: true,
      resumed: [id],
    });
    expect(await rows("select id, state, hold_reason from deliveries order by id")).toEqual([
      { id, state: "in-progress", hold_reason: null },
      { id: other, state: "stopping", hold_reason: expect.any(String) },
    ]);
    expect(await loadInstallation(database.db)).toMatchObject({
      held_at: null,
      held_reason: null,
      paused: [],
      backup_at: null,
    });
  });
});

test("a database that somebody copied is recognised, once; one that stays where it is never", async () => {
  const original = await createTestDatabase();
  await seedInProgress(original.db, 5, 10);
  expect(await recogniseCopy(original.db, NOW), "seen for the first time").toBeNull();
  expect(await recogniseCopy(original.db, NOW)).toBeNull();
  const server = inject("databaseUrl");
  const from = new URL(original.url).pathname.slice(1);
  const name = `test_${randomBytes(6).toString("hex")}`;
  await original.db.close();
  await admin(server, `create database ${name} template ${from}`);
  const copy = await openDb(withDatabase(server, name));
  try {
    const all = await Promise.all([1, 2, 3].map(() => recogniseCopy(copy, NOW)));
    expect(all.filter((held) => held !== null)).toEqual([{ inDoubt: 0, paused: [1] }]);
    expect((await loadInstallation(copy)).held_reason).toContain("copied");
    await releaseInstallation(copy, "ann", false, NOW);
    expect(await recogniseCopy(copy, NOW)).toBeNull();
    expect((await loadInstallation(copy)).held_at).toBeNull();
  } finally {
    await copy.close();
    await admin(server, `drop database ${name} with (force)`);
    await admin(server, `drop database ${from} with (force)`);
  }
});

describe("over the API", () => {
  let web: TestWebApp;
  beforeAll(async () => {
    web = await createTestWebApp();
  });
  afterAll(() => web.close());

  test("a person holds and releases; doing it again changes nothing", async () => {
    const state = () => web.get("/api/v1/installation", installationSchema);
    expect(await state()).toEqual({ held: null });
    expect((await web.call("POST", "/api/v1/installation/actions/hold", {})).status).toBe(422);
    const held = await web.call("POST", "/api/v1/installation/actions/hold", { reason: "moving house" });
    expect(held.body).toMatchObject({ held: { reason: "moving house", copiedAt: null, paused: [] } });
    expect(await holdInstallation(web.db, "cli", "again", NOW)).toBe(false);
    expect((await state()).held?.reason).toBe("moving house");
    expect((await web.call("POST", "/api/v1/installation/actions/release", {})).body).toEqual({ held: null });
    expect((await web.call("POST", "/api/v1/installation/actions/release", { resume: true })).body).toEqual({
      held: null,
    });
  });
});
