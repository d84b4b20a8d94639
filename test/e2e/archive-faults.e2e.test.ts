/** An archive that is away, for long or for ever, processes that end, deliveries that are stopped: what is owed is paid, and no more than that. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { expectLedgerHolds, expectTwiceOnlyInDoubt, surplus, withoutCopy } from "./archive-ledger.ts";
import { ArchiveRig } from "./archive-rig.ts";
import { kill9, senderPids } from "./processes.ts";
import { until } from "./until.ts";

let rig: ArchiveRig;

beforeEach(async () => {
  rig = await ArchiveRig.open();
});
afterEach(() => rig.close());

async function startWithArchive(): Promise<void> {
  await rig.start();
  await rig.addArchive();
}

test.each(["before", "after"])(
  "%s: an archive that is away during the whole delivery gets everything when it is back",
  async (timing) => {
    const COUNT = 300;
    await startWithArchive();
    const { port } = rig.archive;
    await rig.archive.close();
    const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true, timing } } });
    await rig.confirm(id);
    const finished = await rig.untilState(id, "finished");
    expect(finished).toMatchObject({ toDeliver: COUNT, sent: COUNT, failed: 0, successRate: 1 });
    expect(finished.copies).toEqual({ due: COUNT, archived: 0, owed: COUNT, givenUp: 0 });
    const ledger = await until(async () => {
      const now = await rig.ledger();
      return now.byArchive[0]?.failing === true && now;
    });
    expect(ledger).toMatchObject({ owed: COUNT, byArchive: [{ owed: COUNT }] });
    expect(ledger.oldestDebtAt).not.toBeNull();

    // A day goes by, and the processes are started anew: what is owed is owed.
    await rig.database.db.query("update archive_copies set due_since = due_since - interval '1 day'");
    await rig.killMain();
    await rig.start();
    await rig.archive.listen(port);
    const { copies } = await rig.untilPaid(id);
    expect(copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
    expect(withoutCopy(rig.sink.taken, rig.archive.taken)).toEqual([]);
    expect(surplus(rig.archive.taken, rig.sink.taken)).toEqual([]);
    expect(rig.sink.timesTaken.size).toBe(COUNT);
    await expectLedgerHolds(rig.database.db, id);
    await expectAccountingHolds(rig.database.db, id);
  },
);

test("copies owed beyond the limit are given up, and an alert names them; asked for again, they are made", async () => {
  const COUNT = 20;
  await startWithArchive();
  const { port } = rig.archive;
  await rig.archive.close();
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true } } });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  await rig.database.db.query("update archive_copies set due_since = due_since - interval '8 days'");
  const { copies } = await rig.untilPaid(id);
  expect(copies).toEqual({ due: COUNT, archived: 0, owed: 0, givenUp: COUNT });
  const { alerts } = await rig.ledger();
  const alert = alerts.find(({ kind }) => kind === "given-up");
  expect(alert).toMatchObject({ deliveryId: String(id), count: COUNT });
  const rows = await rig.database.db.query<{ key: string }>("select part_id || '-' || seq as key from messages");
  expect(alert?.keys.toSorted()).toEqual(rows.map(({ key }) => key).toSorted());
  await expectLedgerHolds(rig.database.db, id);

  await rig.archive.listen(port);
  // Their time is over all the same: one attempt, and given up again unless it succeeds.
  await rig.call("POST", "/archive/actions/retry", { delivery: String(id), keys: alert?.keys });
  const reopened = await until(async () => {
    const now = await rig.indicators(id);
    return now.copies.archived === COUNT && now;
  });
  expect(reopened.copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
  expect(withoutCopy(rig.sink.taken, rig.archive.taken)).toEqual([]);
  await expectLedgerHolds(rig.database.db, id);
});

test("two sender processes, one of them killed: every message and every copy once, but for those in doubt", async () => {
  await rig.close();
  rig = await ArchiveRig.open({ ENVOI_SENDERS: "2" });
  const COUNT = 2000;
  await startWithArchive();
  const domains = Array.from({ length: 8 }, (_, i) => `d${i}.example`);
  const id = await rig.prepare({ count: COUNT, domains, settings: { archive: { on: true, timing: "after" } } });
  const watch = rig.watchFigures(id, COUNT);
  await rig.confirm(id);
  await rig.sink.until(() => rig.sink.timesTaken.size >= COUNT / 3);
  kill9(...senderPids(rig.main.pid).slice(0, 1));
  await rig.untilState(id, "finished");
  const { copies } = await rig.untilPaid(id);
  await watch.end();
  expect(copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
  const { db } = rig.database;
  expect(withoutCopy(rig.sink.taken, rig.archive.taken)).toEqual([]);
  expect(surplus(rig.archive.taken, rig.sink.taken)).toEqual([]);
  await expectTwiceOnlyInDoubt(db, id, rig.archive.taken);
  await expectLedgerHolds(db, id);
  await expectOnceEach(db, id, rig.sink.timesTaken);
});

test.each(["before", "after"])(
  "%s: stopped midway with the archive away, exactly what was sent is copied later",
  async (timing) => {
    const COUNT = 2000;
    await startWithArchive();
    const { port } = rig.archive;
    await rig.archive.close();
    rig.sink.script = async ({ stage }) => {
      if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, 5));
      return undefined;
    };
    const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true, timing } } });
    await rig.confirm(id);
    await rig.sink.until(() => rig.sink.timesTaken.size >= 200);
    await rig.call("POST", `/deliveries/${id}/actions/stop`);
    const stopped = await rig.untilState(id, "stopped");
    const sent = rig.sink.timesTaken.size;
    expect(sent).toBeLessThan(COUNT);
    expect(stopped).toMatchObject({ sent, cancelled: COUNT - sent, pending: 0 });
    await rig.archive.listen(port);
    const { copies } = await rig.untilPaid(id);
    expect(copies).toEqual({ due: sent, archived: sent, owed: 0, givenUp: 0 });
    expect(withoutCopy(rig.sink.taken, rig.archive.taken)).toEqual([]);
    expect(surplus(rig.archive.taken, rig.sink.taken)).toEqual([]);
    await expectLedgerHolds(rig.database.db, id);
  },
);

test("two archives, one of them away: each has its own debts", async () => {
  const COUNT = 200;
  await startWithArchive();
  const away = await rig.addArchive({ address: "second@archive.example", server: "127.0.0.1:1" });
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true } } });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  const figures = await until(async () => {
    const now = await rig.indicators(id);
    return now.copies.archived === COUNT && now;
  });
  expect(figures).toMatchObject({ sent: COUNT, copies: { due: 2 * COUNT, archived: COUNT, owed: COUNT, givenUp: 0 } });
  expect((await rig.ledger()).byArchive).toMatchObject([
    { owed: 0, archived: COUNT },
    { id: away, owed: COUNT, archived: 0, failing: true },
  ]);
  await expectLedgerHolds(rig.database.db, id);
});
