/** The ledger over the API: figures, pages of copies, trying again. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { NOW, seedArchive } from "../../../test/seed-delivery.ts";
import { type CopySeed, expectIdentity, seedCopies } from "../../../test/seed-ledger.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Copy, Page, Problem } from "../../contract/index.ts";
import { archiveLedgerSchema, retriedSchema } from "../../contract/responses-archive.ts";
import { copySchema, pageOf } from "../../contract/responses.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { loadArchiveCandidates, openAlert } from "./index.ts";

type State = Copy["state"];

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(async () => {
  web.clock.ahead = NOW - Date.now();
  await web.db.query(
    "truncate archives, archive_events, archive_alerts, archive_copies, archive_parts, archive_counters, platform_settings",
  );
});
afterAll(() => web.close());

const ledger = () => web.get("/api/v1/archive", archiveLedgerSchema);
const copies = (query = "") => web.get(`/api/v1/archive/copies?${query}`, pageOf(copySchema));
const retry = async (body?: object) => {
  const answer = await web.call("POST", "/api/v1/archive/actions/retry", body);
  expect(answer.status).toBe(200);
  return retriedSchema.parse(answer.body);
};

const times = (n: number, seed: CopySeed): CopySeed[] => Array.from({ length: n }, () => seed);

describe("the ledger", () => {
  test("of nothing", async () => {
    expect(await ledger()).toEqual({
      due: 0,
      archived: 0,
      owed: 0,
      givenUp: 0,
      oldestDebtAt: null,
      ratePerMinute: null,
      debtLimit: 100_000,
      byArchive: [],
      alerts: [],
    });
  });

  test("who watches elsewhere reads it as metrics: copies by archive and state, the oldest debt, open alerts", async () => {
    const a = await seedArchive(web.db, { name: "copies@archive.example" });
    await seedCopies(web.db, a, [{ state: "archived" }, { state: "owed", dueSince: NOW - HOUR }]);
    await openAlert(web.db, { kind: "failing", archive: a, deliveryId: null, keys: [], count: 1, detail: {} }, NOW);
    const { text } = await web.call("GET", "/metrics");
    expect(text).toContain(`envoi_copies{archive="${a}",state="archived"} 1`);
    expect(text).toContain(`envoi_copies{archive="${a}",state="owed"} 1`);
    expect(text).toMatch(/envoi_copies_oldest_debt_seconds 36\d\d/);
    expect(text).toContain('envoi_archive_alerts{kind="failing"} 1');
    expect(text).not.toContain("archive.example");
  });

  test("sums what all senders counted, by archive; what was said last counts", async () => {
    const [a, b] = [await seedArchive(web.db), await seedArchive(web.db, { name: "Other", enabled: false })];
    await seedCopies(web.db, a, [
      ...times(3, { state: "archived" }),
      { state: "owed", dueSince: NOW - HOUR },
      { state: "owed", dueSince: NOW - DAY },
      { state: "given-up", dueSince: NOW - 9 * DAY },
    ]);
    const say = (sender: string, reply: string, at: number, failing: boolean) =>
      web.db.query(
        `insert into archive_counters (archive, delivery_id, sender, last_reply, last_reply_at, failing)
         values ($1, 999, $2, $3, $4, $5)`,
        [a, sender, reply, timestamp(at), failing],
      );
    await say("s-1", "250 ok", NOW - MINUTE, false);
    await say("s-2", "452 full", NOW, true);
    const figures = { due: 6, archived: 3, owed: 2, givenUp: 1 };
    const none = { due: 0, archived: 0, owed: 0, givenUp: 0, lastReply: null, lastReplyAt: null, failing: false };
    expect(await ledger()).toMatchObject({
      ...figures,
      oldestDebtAt: new Date(NOW - DAY).toISOString(),
      byArchive: [
        { ...figures, id: String(a), name: "Journal", enabled: true, lastReply: "452 full", failing: true },
        { ...none, id: String(b), name: "Other", enabled: false, kind: "smtp" },
      ],
    });
    await expectIdentity(web.db);
  });

  test("goes on counting what a removed archive took", async () => {
    const a = await seedArchive(web.db);
    const { id } = await seedCopies(web.db, a, times(2, { state: "archived" }));
    await web.db.query("update deliveries set state = 'finished', finished_at = $2 where id = $1", [
      id,
      timestamp(NOW),
    ]);
    expect((await web.call("DELETE", `/api/v1/archives/${a}`)).status).toBe(204);
    expect(await ledger()).toMatchObject({ due: 2, archived: 2, byArchive: [] });
    expect((await copies()).data).toHaveLength(2);
  });

  test("knows a rate from the second look on", async () => {
    const a = await seedArchive(web.db);
    await seedCopies(web.db, a, times(2, { state: "archived" }));
    // What other tests looked at is too long ago to begin from.
    web.clock.ahead += 2 * MINUTE;
    await ledger();
    await web.db.query("update archive_counters set due = due + 50, archived = archived + 50");
    web.clock.ahead += 30 * SECOND;
    const { ratePerMinute } = await ledger();
    expect(ratePerMinute).toBeGreaterThan(50);
    expect(ratePerMinute).toBeLessThanOrEqual(100);
  });
});

describe("an archive is not removed", () => {
  test("while copies are owed to it, nor while a delivery may owe it some", async () => {
    const a = await seedArchive(web.db);
    const { id } = await seedCopies(web.db, a, [{ state: "archived" }, { state: "owed" }]);
    const remove = () => web.call("DELETE", `/api/v1/archives/${a}`);
    expect((await remove()).body).toMatchObject({
      code: "archive-in-use",
      detail: expect.stringContaining("owed to it"),
    });
    await web.db.query("update archive_copies set state = 'archived', archived_at = due_since");
    await web.db.query("update archive_parts set archived = due, owed = 0, due_at = null");
    expect((await remove()).body).toMatchObject({ detail: expect.stringContaining(`delivery ${id} is not over`) });
    await web.db.query("update deliveries set state = 'stopped', finished_at = now() where id = $1", [id]);
    expect((await remove()).status).toBe(204);
  });
});

test("an archive that a confirmation has just chosen is not removed under its feet", async () => {
  const a = await seedArchive(web.db);
  const { id } = await seedCopies(web.db, a, [{ state: "archived" }]);
  await web.db.query("update deliveries set state = 'ready', archive = null where id = $1", [id]);
  const { removal } = await web.db.transaction(async (tx) => {
    expect(await loadArchiveCandidates(tx)).toMatchObject([{ id: a, enabled: true }]);
    const removal = web.call("DELETE", `/api/v1/archives/${a}`);
    const isWaiting = () =>
      web.db.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
    await expect.poll(isWaiting).toHaveLength(1);
    await tx.query("update deliveries set state = 'in-progress', archive = $2 where id = $1", [
      id,
      JSON.stringify({ archives: [a] }),
    ]);
    return { removal };
  });
  expect(await removal).toMatchObject({ status: 409 });
});

describe("copies", () => {
  const all = async (query: string) => {
    const found: Copy[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Page<Copy> = await copies(`${query}${cursor && `&cursor=${cursor}`}`);
      found.push(...page.data);
      cursor = page.nextCursor;
    }
    return found;
  };

  test("come in pages, by message and archive, filtered by state, archive and delivery", async () => {
    const [a, b] = [await seedArchive(web.db), await seedArchive(web.db, { name: "Other" })];
    const one = await seedCopies(web.db, a, [
      ...times(15, { state: "archived" }),
      ...times(10, { state: "owed", reply: "452 full" }),
    ]);
    const two = await seedCopies(web.db, b, times(7, { state: "given-up" }));
    const keys = (list: Copy[]) => list.map(({ key, archiveId }) => `${key}/${archiveId}`);
    const every = await all("limit=4");
    expect(every).toHaveLength(32);
    expect(new Set(keys(every)).size).toBe(32);
    expect(keys(every)).toEqual(keys(await all("limit=1000")));
    expect(await all("state=owed&limit=3")).toHaveLength(10);
    expect(await all(`state=owed&archive=${b}`)).toEqual([]);
    expect(await all(`archive=${b}&limit=2`)).toHaveLength(7);
    expect(await all(`delivery=${one.id}&state=archived&limit=15`)).toHaveLength(15);
    expect(await all(`delivery=${two.id}&state=archived`)).toEqual([]);
    expect((await copies("state=owed&limit=1")).data).toEqual([
      {
        key: every[15]?.key,
        deliveryId: String(one.id),
        archiveId: String(a),
        archiveName: "Journal",
        state: "owed",
        attempts: 1,
        inDoubt: false,
        dueSince: new Date(NOW).toISOString(),
        nextAttemptAt: new Date(NOW + HOUR).toISOString(),
        archivedAt: null,
        reply: "452 full",
        digest: null,
        inert: false,
        seed: false,
        location: null,
      },
    ]);
  });

  test.each(["cursor=x", "cursor=1-2", "cursor=1-2-99999", "state=lost", "archive=x", "limit=0"])(
    "%s is refused",
    async (query) => {
      expect((await web.call("GET", `/api/v1/archive/copies?${query}`)).status).toBe(422);
    },
  );

  test.each(["archive=99999", "delivery=999999999999999", "archive=999999999999999"])("%s: none", async (query) => {
    expect((await copies(query)).data).toEqual([]);
  });

  test("in replies and names hide addresses from those who may not see them", async () => {
    const a = await seedArchive(web.db, { name: "copies@archive.example" });
    await seedCopies(web.db, a, [{ state: "owed", reply: "550 <copies@archive.example> unknown" }]);
    const made = await web.call("POST", "/api/v1/tokens", { label: "reader", rights: [] });
    const headers = { authorization: `Bearer ${(made.body as { token: string }).token}` };
    const { body } = await web.call("GET", "/api/v1/archive/copies", undefined, headers);
    expect(body).toMatchObject({ data: [{ archiveName: "•••", reply: "550 <•••> unknown" }] });
  });
});

describe("trying again", () => {
  const states = () =>
    web.db.query<{ state: State; next: number | null }>(
      "select state, next_attempt_at as next from archive_copies order by part_id, seq",
    );

  test("without a body: all that is owed is due now; what was given up stays so", async () => {
    const a = await seedArchive(web.db);
    await seedCopies(web.db, a, [...times(12, { state: "owed" }), { state: "given-up" }, { state: "archived" }]);
    expect(await retry()).toEqual({ retried: 12, reopened: 0 });
    expect((await states()).filter(({ state, next }) => state === "owed" && (next ?? NOW) > NOW + MINUTE)).toEqual([]);
    const parts = await web.db.query<{ due: number }>("select due_at as due from archive_parts where owed > 0");
    for (const { due } of parts) expect(due).toBeLessThan(NOW + MINUTE);
    await expectIdentity(web.db);
  });

  test("what is due and lies in a part that was put off counts too, and its part is taken at once", async () => {
    const a = await seedArchive(web.db);
    await seedCopies(web.db, a, times(3, { state: "owed" }));
    await web.db.query("update archive_copies set next_attempt_at = $1", [timestamp(NOW - MINUTE)]);
    await web.db.query("update archive_parts set due_at = $1", [timestamp(NOW + HOUR)]);
    expect(await retry()).toEqual({ retried: 3, reopened: 0 });
    const parts = await web.db.query<{ due: number }>("select due_at as due from archive_parts where owed > 0");
    for (const { due } of parts) expect(due).toBeLessThan(NOW + MINUTE);
  });

  test("of a delivery or of messages by name: what was given up is owed again, and its alert is over", async () => {
    const a = await seedArchive(web.db);
    const one = await seedCopies(web.db, a, [{ state: "given-up", dueSince: NOW - 9 * DAY }, { state: "archived" }]);
    const two = await seedCopies(web.db, a, [{ state: "given-up" }, { state: "given-up" }, { state: "owed" }]);
    for (const { id } of [one, two]) {
      await openAlert(web.db, { kind: "given-up", archive: a, deliveryId: id, keys: [], count: 1, detail: {} }, NOW);
    }
    expect(await retry({ delivery: String(one.id) })).toEqual({ retried: 1, reopened: 1 });
    const [reopened] = (await copies(`delivery=${one.id}&state=owed`)).data;
    expect(Date.parse(reopened?.dueSince ?? "")).toBeGreaterThan(NOW - MINUTE);
    await expectIdentity(web.db);
    const key = (await copies(`delivery=${two.id}&state=given-up`)).data[0]?.key ?? "";
    expect(await retry({ keys: [key] })).toEqual({ retried: 1, reopened: 1 });
    expect(await ledger()).toMatchObject({ owed: 3, givenUp: 1, alerts: [{ deliveryId: String(two.id) }] });
    await expectIdentity(web.db);
    expect(await retry({ delivery: String(two.id), archive: "99" })).toEqual({ retried: 0, reopened: 0 });
    expect(await retry({ delivery: String(two.id) })).toEqual({ retried: 3, reopened: 1 });
    expect((await ledger()).alerts).toEqual([]);
    await expectIdentity(web.db);
  });

  test("a lease stays: its sender looks again when it gives the part back", async () => {
    const a = await seedArchive(web.db);
    await seedCopies(web.db, a, [{ state: "owed" }, { state: "given-up" }]);
    await web.db.query("update archive_parts set owner = 's-1', due_at = $1", [timestamp(NOW + HOUR)]);
    const keys = (await copies()).data.map(({ key }) => key);
    expect(await retry({ keys })).toEqual({ retried: 2, reopened: 1 });
    expect(await web.db.query("select owner, due_at from archive_parts")).toEqual([
      { owner: "s-1", due_at: NOW + HOUR },
    ]);
    await expectIdentity(web.db);
  });

  test("messages that were erased and archives that are gone are given up for good", async () => {
    const a = await seedArchive(web.db);
    const { id } = await seedCopies(web.db, a, times(2, { state: "given-up" }));
    await web.db.query("update messages set recipient_id = null, address = 'erased@erased.invalid'");
    expect(await retry({ delivery: String(id) })).toEqual({ retried: 0, reopened: 0 });
  });

  test.each([
    [{ keys: ["x"] }, "/keys/0"],
    [{ keys: [] }, "/keys"],
    [{ delivery: "0" }, "/delivery"],
    [{ other: 1 }, "/other"],
  ])("%j is refused", async (body, pointer) => {
    const answer = await web.call("POST", "/api/v1/archive/actions/retry", body);
    expect([answer.status, (answer.body as Problem).errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});
