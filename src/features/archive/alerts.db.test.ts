/** Alerts of the archive: how they open, join and close; and what retention leaves of the ledger. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { NOW, seedArchive } from "../../../test/seed-delivery.ts";
import { type CopySeed, expectIdentity, seedCopies } from "../../../test/seed-ledger.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { archiveLedgerSchema } from "../../contract/responses-archive.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { forgetArchived, openAlert, watchDebt } from "./index.ts";

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
const times = (n: number, seed: CopySeed): CopySeed[] => Array.from({ length: n }, () => seed);

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
    await seedCopies(web.db, a, [{ state: "owed", dueSince: NOW }]);
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
    const old = await seedCopies(web.db, a, times(3, { state: "archived" }));
    const owing = await seedCopies(web.db, a, [{ state: "owed" }, { state: "archived" }]);
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
    await expectIdentity(web.db);
    await forgetArchived(web.db, NOW - 7 * DAY);
    await expectIdentity(web.db);
  });
});
