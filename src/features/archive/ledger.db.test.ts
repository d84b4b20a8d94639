/** The ledger over the API: figures, pages of copies, trying again, alerts, retention. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { NOW, seedArchive, seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Copy, Page, Problem } from "../../contract/index.ts";
import { archiveLedgerSchema, retriedSchema } from "../../contract/responses-archive.ts";
import { copySchema, pageOf } from "../../contract/responses.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { forgetArchived, openAlert, watchDebt } from "./index.ts";

type State = Copy["state"];
type Seed = { state: State; dueSince?: number; nextAt?: number; reply?: string };

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

/** A delivery in parts of `partSize`, its messages' copies as told; all by one sender. */
async function seedCopies(
  archive: number,
  states: readonly Seed[],
  partSize = 10,
): Promise<{ id: number; parts: number[] }> {
  const id = await seedInProgress(web.db, states.length, partSize, {
    archive: { on: true, archives: [String(archive)] },
  });
  const rows = await web.db.query<{ part_id: number; seq: number }>(
    `select m.part_id, m.seq from messages m join delivery_parts p on p.id = m.part_id and p.delivery_id = $1
      order by m.part_id, m.seq`,
    [id],
  );
  for (const [i, { state, dueSince = NOW, nextAt = NOW + HOUR, reply = "" }] of states.entries()) {
    const owed = state === "owed";
    await web.db.query(
      `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, next_attempt_at, archived_at, reply)
       values ($1, $2, $3, $4, 1, $5, $6, $7, $8)`,
      [
        rows[i]?.part_id,
        rows[i]?.seq,
        archive,
        state,
        timestamp(dueSince),
        owed ? timestamp(nextAt) : null,
        state === "archived" ? timestamp(NOW) : null,
        reply,
      ],
    );
  }
  const counts = `count(*)::int, count(*) filter (where state = 'archived'), count(*) filter (where state = 'owed'),
                  count(*) filter (where state = 'given-up')`;
  await web.db.query(
    `update archive_parts p set (due, archived, owed, given_up) =
            (select ${counts} from archive_copies c where c.part_id = p.part_id),
            due_at = (select min(next_attempt_at) from archive_copies c where c.part_id = p.part_id)
      where delivery_id = $1`,
    [id],
  );
  await web.db.query(
    `insert into archive_counters (archive, delivery_id, sender, due, archived, owed, given_up)
     select $1, $2, 's-1', ${counts} from archive_copies c join archive_parts p using (part_id) where p.delivery_id = $2`,
    [archive, id],
  );
  return { id, parts: [...new Set(rows.map((row) => row.part_id))] };
}

/** Rows, parts and counters say the same. */
async function expectIdentity(): Promise<void> {
  const sums = `coalesce(sum(due), 0)::int as due, coalesce(sum(archived), 0)::int as archived,
                coalesce(sum(owed), 0)::int as owed, coalesce(sum(given_up), 0)::int as given_up`;
  const [[parts], [counters], [rows]] = await Promise.all([
    web.db.query(`select ${sums} from archive_parts`),
    web.db.query(`select ${sums} from archive_counters`),
    web.db.query(
      `select count(*)::int as due, (count(*) filter (where state = 'archived'))::int as archived,
              (count(*) filter (where state = 'owed'))::int as owed,
              (count(*) filter (where state = 'given-up'))::int as given_up from archive_copies`,
    ),
  ]);
  expect(parts).toEqual(rows);
  expect(counters).toEqual(rows);
}

const times = (n: number, seed: Seed): Seed[] => Array.from({ length: n }, () => seed);

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

  test("sums what all senders counted, by archive; what was said last counts", async () => {
    const [a, b] = [await seedArchive(web.db), await seedArchive(web.db, { name: "Other", enabled: false })];
    await seedCopies(a, [
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
    await expectIdentity();
  });

  test("goes on counting what a removed archive took", async () => {
    const a = await seedArchive(web.db);
    const { id } = await seedCopies(a, times(2, { state: "archived" }));
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
    await seedCopies(a, times(2, { state: "archived" }));
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
    const { id } = await seedCopies(a, [{ state: "archived" }, { state: "owed" }]);
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
    const one = await seedCopies(a, [
      ...times(15, { state: "archived" }),
      ...times(10, { state: "owed", reply: "452 full" }),
    ]);
    const two = await seedCopies(b, times(7, { state: "given-up" }));
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
    await seedCopies(a, [{ state: "owed", reply: "550 <copies@archive.example> unknown" }]);
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
    await seedCopies(a, [...times(12, { state: "owed" }), { state: "given-up" }, { state: "archived" }]);
    expect(await retry()).toEqual({ retried: 12, reopened: 0 });
    expect((await states()).filter(({ state, next }) => state === "owed" && (next ?? NOW) > NOW + MINUTE)).toEqual([]);
    const parts = await web.db.query<{ due: number }>("select due_at as due from archive_parts where owed > 0");
    for (const { due } of parts) expect(due).toBeLessThan(NOW + MINUTE);
    expect(await retry()).toEqual({ retried: 0, reopened: 0 });
    await expectIdentity();
  });

  test("of a delivery or of messages by name: what was given up is owed again, and its alert is over", async () => {
    const a = await seedArchive(web.db);
    const one = await seedCopies(a, [{ state: "given-up", dueSince: NOW - 9 * DAY }, { state: "archived" }]);
    const two = await seedCopies(a, [{ state: "given-up" }, { state: "given-up" }, { state: "owed" }]);
    for (const { id } of [one, two]) {
      await openAlert(web.db, { kind: "given-up", archive: a, deliveryId: id, keys: [], count: 1, detail: {} }, NOW);
    }
    expect(await retry({ delivery: String(one.id) })).toEqual({ retried: 1, reopened: 1 });
    const [reopened] = (await copies(`delivery=${one.id}&state=owed`)).data;
    expect(Date.parse(reopened?.dueSince ?? "")).toBeGreaterThan(NOW - MINUTE);
    await expectIdentity();
    const key = (await copies(`delivery=${two.id}&state=given-up`)).data[0]?.key ?? "";
    expect(await retry({ keys: [key] })).toEqual({ retried: 1, reopened: 1 });
    expect(await ledger()).toMatchObject({ owed: 3, givenUp: 1, alerts: [{ deliveryId: String(two.id) }] });
    await expectIdentity();
    expect(await retry({ delivery: String(two.id), archive: "99" })).toEqual({ retried: 0, reopened: 0 });
    expect(await retry({ delivery: String(two.id) })).toEqual({ retried: 2, reopened: 1 });
    expect((await ledger()).alerts).toEqual([]);
    await expectIdentity();
  });

  test("a lease stays: its sender looks again when it gives the part back", async () => {
    const a = await seedArchive(web.db);
    await seedCopies(a, [{ state: "owed" }, { state: "given-up" }]);
    await web.db.query("update archive_parts set owner = 's-1', due_at = $1", [timestamp(NOW + HOUR)]);
    const keys = (await copies()).data.map(({ key }) => key);
    expect(await retry({ keys })).toEqual({ retried: 2, reopened: 1 });
    expect(await web.db.query("select owner, due_at from archive_parts")).toEqual([
      { owner: "s-1", due_at: NOW + HOUR },
    ]);
    await expectIdentity();
  });

  test("messages that were erased and archives that are gone are given up for good", async () => {
    const a = await seedArchive(web.db);
    const { id } = await seedCopies(a, times(2, { state: "given-up" }));
    await web.db.query("update messages set recipient_id = null");
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

describe("alerts", () => {
  const open = (changes: object = {}) =>
    openAlert(
      web.db,
      { kind: "given-up", archive: 1, deliveryId: 5, keys: ["7-1"], count: 1, detail: { reply: "550 no" }, ...changes },
      NOW,
    );

  test("of one cause are one: keys join, counts are summed, the newest detail stands", async () => {
    await open();
    await open({ keys: ["7-2", "7-1"], count: 2, detail: { reply: "551 no more" } });
    await open({ deliveryId: 6 });
    await open({ deliveryId: null, kind: "failing" });
    const { alerts } = await ledger();
    expect(alerts.map(({ kind, deliveryId, keys, count }) => [kind, deliveryId, keys, count])).toEqual([
      ["failing", null, ["7-1"], 1],
      ["given-up", "6", ["7-1"], 1],
      ["given-up", "5", ["7-1", "7-2"], 3],
    ]);
    expect(alerts[2]?.message).toBe(
      "3 copies of delivery 5 given up: the archive did not take them in time: 551 no more",
    );
  });

  test("name at most 100 messages, however many there are", async () => {
    const keys = (from: number) => Array.from({ length: 80 }, (_, i) => `7-${from + i}`);
    await Promise.all([
      open({ keys: keys(0), count: 80 }),
      open({ keys: keys(80), count: 80 }),
      open({ keys: keys(0), count: 80 }),
    ]);
    const [alert] = (await ledger()).alerts;
    expect([alert?.keys.length, alert?.count]).toEqual([100, 240]);
  });

  test("are resolved by hand once; the same cause opens another", async () => {
    await open();
    const [alert] = (await ledger()).alerts;
    const resolve = () => web.call("POST", `/api/v1/archive/alerts/${alert?.id}/actions/resolve`);
    expect((await resolve()).status).toBe(204);
    expect((await resolve()).status).toBe(404);
    expect((await ledger()).alerts).toEqual([]);
    await open();
    expect((await ledger()).alerts).toMatchObject([{ count: 1 }]);
    const events = await web.call("GET", "/api/v1/archive/audit");
    expect(events.body).toMatchObject({
      data: [{ kind: "alert-resolved", detail: { alert: "given-up", delivery: 5 } }],
    });
  });
});

describe("the watch", () => {
  const kinds = async () => (await ledger()).alerts.map(({ kind }) => kind).toSorted();
  const owe = (archive: number, owed: number) =>
    web.db.query(
      `insert into archive_counters as c (archive, delivery_id, sender, due, owed) values ($1, 1, 's', $2, $2)
       on conflict (archive, delivery_id, sender) do update set due = excluded.due, owed = excluded.owed`,
      [archive, owed],
    );

  test("opens an alert at each threshold of the debt limit, and closes it with some room", async () => {
    await web.call("PUT", "/api/v1/settings", { archive: { debtLimit: 1000 } });
    const a = await seedArchive(web.db);
    const steps: [number, string[]][] = [
      [499, []],
      [500, ["debt-50"]],
      [800, ["debt-50", "debt-80"]],
      [1200, ["debt-50", "debt-80", "debt-full"]],
      [950, ["debt-50", "debt-80", "debt-full"]],
      [890, ["debt-50", "debt-80"]],
      [460, ["debt-50"]],
      [0, []],
    ];
    for (const [owed, expected] of steps) {
      await owe(a, owed);
      await watchDebt(web.db, NOW);
      await watchDebt(web.db, NOW);
      expect([owed, await kinds()]).toEqual([owed, expected]);
    }
  });

  test("says how much is owed, and of what", async () => {
    await web.call("PUT", "/api/v1/settings", { archive: { debtLimit: 10 } });
    await owe(await seedArchive(web.db), 8);
    await watchDebt(web.db, NOW);
    expect((await ledger()).alerts).toMatchObject([
      {
        kind: "debt-80",
        count: 8,
        archiveId: null,
        message: "80 % of the debt limit is reached: 8 copies owed, 10 allowed",
      },
      { kind: "debt-50", message: "Half of the debt limit is reached: 8 copies owed, 10 allowed" },
    ]);
  });

  test("calls an archive failing when it refuses and the debt is older than five minutes; until it takes copies again", async () => {
    const a = await seedArchive(web.db);
    await seedCopies(a, [{ state: "owed", dueSince: NOW }]);
    const say = (failing: boolean, reply: string) =>
      web.db.query("update archive_counters set failing = $1, last_reply = $2, last_reply_at = now()", [
        failing,
        reply,
      ]);
    await say(true, "451 later");
    await watchDebt(web.db, NOW + 5 * MINUTE);
    expect(await kinds()).toEqual([]);
    await watchDebt(web.db, NOW + 5 * MINUTE + 1);
    expect((await ledger()).alerts).toMatchObject([
      { kind: "failing", archiveId: String(a), message: 'The archive "Journal" takes no copies: 451 later' },
    ]);
    await say(false, "250 ok");
    await watchDebt(web.db, NOW + 6 * MINUTE);
    expect(await kinds()).toEqual([]);
  });
});

describe("retention", () => {
  test("folds the counters of old deliveries that owe nothing, and forgets resolved alerts; sums stay", async () => {
    const a = await seedArchive(web.db);
    const old = await seedCopies(a, times(3, { state: "archived" }));
    const owing = await seedCopies(a, [{ state: "owed" }, { state: "archived" }]);
    await web.db.query("update deliveries set state = 'finished', finished_at = $1", [timestamp(NOW - 9 * DAY)]);
    await web.db.query(
      `insert into archive_counters (archive, delivery_id, sender, due, archived, last_reply, last_reply_at)
       values ($1, $2, 's-2', 2, 2, '250 last', $3), ($1, $2, '', -2, -2, null, null)`,
      [a, old.id, timestamp(NOW)],
    );
    for (const deliveryId of [old.id, owing.id]) {
      await openAlert(web.db, { kind: "given-up", archive: a, deliveryId, keys: [], count: 1, detail: {} }, NOW);
    }
    await web.db.query("update archive_alerts set resolved_at = $2 where delivery_id = $1", [
      old.id,
      timestamp(NOW - 8 * DAY),
    ]);
    const before = await ledger();
    await forgetArchived(web.db, NOW - 7 * DAY);
    expect({ ...(await ledger()), ratePerMinute: null }).toEqual({ ...before, ratePerMinute: null });
    const rows = await web.db.query("select delivery_id, sender, due, last_reply from archive_counters order by 1, 2");
    expect(rows).toEqual([
      { delivery_id: old.id, sender: "", due: 3, last_reply: "250 last" },
      { delivery_id: owing.id, sender: "s-1", due: 2, last_reply: null },
    ]);
    expect(await web.db.query("select delivery_id from archive_alerts")).toEqual([{ delivery_id: owing.id }]);
    await expectIdentity();
    await forgetArchived(web.db, NOW - 7 * DAY);
    await expectIdentity();
  });
});
