/** An archive that is away, slow, full or too small for what comes, and what the delivery, its debts and other deliveries make of it. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { aheadOfCopy, expectLedgerHolds, expectTwiceOnlyInDoubt, surplus, withoutCopy } from "./archive-ledger.ts";
import { ArchiveRig, COPIES } from "./archive-rig.ts";
import { kill9, senderPids } from "./processes.ts";
import type { Script } from "./smtp-sink.ts";
import { until, untilRow } from "./until.ts";

let rig: ArchiveRig;

beforeEach(async () => {
  rig = await ArchiveRig.open();
});
afterEach(() => rig.close());

/** Replies to final dots wait until it is opened. */
function gate(): { script: Script; open(): void } {
  let open = () => {};
  const opened = new Promise<undefined>((resolve) => {
    open = () => resolve(undefined);
  });
  return { script: ({ stage }) => (stage === "dot" ? opened : undefined), open: () => open() };
}

async function startWithArchive(target: Readonly<Record<string, unknown>> = {}): Promise<string> {
  await rig.start();
  return rig.addArchive(target);
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

test.each([false, true])(
  "an archive that does not answer holds up nobody else's delivery (strict: %s)",
  async (strict) => {
    const slow = gate();
    await startWithArchive();
    rig.archive.script = slow.script;
    const copied = await rig.prepare({ count: 500, settings: { archive: { on: true, timing: "before", strict } } });
    const plain = await rig.prepare({ count: 1000 });
    await rig.confirm(copied);
    await rig.archive.until(() => rig.archive.onWire > 0);
    await rig.confirm(plain);
    expect(await rig.untilState(plain, "finished")).toMatchObject({ sent: 1000, copies: { due: 0 } });
    expect(rig.archive.taken).toEqual([]);
    if (strict) expect((await rig.indicators(copied)).sent).toBe(0);
    slow.open();
    expect(await rig.untilState(copied, "finished")).toMatchObject({ sent: 500 });
    expect((await rig.untilPaid(copied)).copies).toMatchObject({ due: 500, archived: 500 });
    expect(withoutCopy(rig.sink.offered.filter(isOf(copied)), rig.archive.taken)).toEqual([]);
  },
);

/** Both deliveries have the same recipients; Message-IDs tell them apart only by their keys, so by what was copied. */
function isOf(_delivery: number): (message: { source: string }) => boolean {
  const copies = new Set(rig.archive.taken.map(({ source }) => source));
  return ({ source }) => copies.has(source);
}

test("strict, and the archive is away: nothing leaves, the delivery says why, and goes on by itself", async () => {
  const COUNT = 200;
  await startWithArchive();
  const { port } = rig.archive;
  await rig.archive.close();
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true, timing: "before", strict: true } } });
  await rig.confirm(id);
  const waiting = await until(async () => {
    const now = await rig.indicators(id);
    return now.waitingFor !== null && now;
  });
  expect(waiting.waitingFor).toMatch(/Archive 1|archive/);
  expect(waiting).toMatchObject({ state: "in-progress", sent: 0, failed: 0, pending: COUNT });
  expect(rig.sink.connections).toEqual([]);
  await rig.archive.listen(port);
  const finished = await rig.untilState(id, "finished");
  expect(finished).toMatchObject({ sent: COUNT, failed: 0, waitingFor: null });
  expect(finished.copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
  expect(aheadOfCopy(rig.sink.offered, rig.archive.taken)).toEqual([]);
});

test("debts at their limit hold deliveries with copies back, with alerts on the way there; others go on", async () => {
  const LIMIT = 100;
  await startWithArchive();
  await rig.call("PUT", "/settings", { archive: { debtLimit: LIMIT } });
  const { port } = rig.archive;
  await rig.archive.close();
  const id = await rig.prepare({ count: 1000, settings: { archive: { on: true }, partSize: 10 } });
  await rig.confirm(id);
  const waiting = await until(async () => {
    const now = await rig.indicators(id);
    return now.waitingFor !== null && now.copies.owed >= LIMIT && now;
  });
  expect(waiting.sent).toBeLessThan(1000);
  const kinds = await until(async () => {
    const found = (await rig.ledger()).alerts.map(({ kind }) => kind);
    return found.includes("debt-full") && found;
  });
  expect(kinds).toContain("debt-80");
  const plain = await rig.prepare({ count: 100 });
  await rig.confirm(plain);
  expect(await rig.untilState(plain, "finished")).toMatchObject({ sent: 100 });
  expect((await rig.indicators(id)).state).toBe("in-progress");
  await rig.archive.listen(port);
  await rig.call("POST", "/archive/actions/retry");
  expect(await rig.untilState(id, "finished")).toMatchObject({ sent: 1000, waitingFor: null });
  expect((await rig.untilPaid(id)).copies).toEqual({ due: 1000, archived: 1000, owed: 0, givenUp: 0 });
  await expectLedgerHolds(rig.database.db, id);
});

test("an archive that accepts and then bounces: the copy is given up with an alert, its recipient is none the wiser", async () => {
  await startWithArchive();
  const id = await rig.prepare({ count: 2, settings: { archive: { on: true } } });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  await rig.untilPaid(id);
  const [copy] = rig.archive.taken;
  expect(copy?.mailFrom).not.toBe(rig.sink.taken[0]?.mailFrom);
  const bounce = [
    "From: MAILER-DAEMON@mx.archive.example",
    `To: ${copy?.mailFrom}`,
    "Subject: Undelivered Mail Returned to Sender",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    `<${COPIES}>: mailbox full`,
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.archive.example",
    "",
    `Final-Recipient: rfc822; ${COPIES}`,
    "Action: failed",
    "Status: 5.2.2",
    "--b--",
    "",
  ].join("\r\n");
  const answer = await fetch(
    `${rig.address}/api/v1/inbound?sender=&recipient=${encodeURIComponent(copy?.mailFrom ?? "")}`,
    {
      method: "POST",
      headers: { ...rig.authorization, "content-type": "message/rfc822" },
      body: bounce,
    },
  );
  expect(answer.status).toBe(200);
  const now = await rig.indicators(id);
  expect(now).toMatchObject({ sent: 2, failed: 0, copies: { due: 2, archived: 1, owed: 0, givenUp: 1 } });
  expect((await rig.ledger()).alerts).toMatchObject([{ kind: "bounced", count: 1 }]);
  expect(await rig.database.db.query("select 1 from quarantine")).toEqual([]);
  await expectLedgerHolds(rig.database.db, id);
});

test("an archive that is also a recipient: the analysis says so, and nothing can be confirmed", async () => {
  await rig.start();
  const archive = await rig.addArchive({ address: "P1@one.example" });
  const id = await rig.create({ count: 3, settings: { archive: { on: true } } });
  await rig.call("POST", `/deliveries/${id}/actions/analyse`);
  const checklist = await until(async () => {
    const now = await rig.call<{ analysed: boolean; items: { id: string; level: string }[] }>(
      "GET",
      `/deliveries/${id}/checklist`,
    );
    return now.analysed && now;
  });
  expect(checklist.items.filter(({ level }) => level === "error")).toMatchObject([{ id: "archive-is-recipient" }]);
  await expect(rig.confirm(id)).rejects.toThrow(/409/);
  expect(archive).toBe("1");
});

test("no more copies a minute than the archive is to get", async () => {
  const COUNT = 40;
  const PER_MINUTE = 600;
  await startWithArchive({ ratePerMinute: PER_MINUTE });
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true, timing: "after" } } });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  await untilRow(rig.database.db, `select 1 from archive_parts having sum(archived) = ${COUNT}`);
  const { mailsAt } = rig.archive;
  expect(mailsAt).toHaveLength(COUNT);
  // In any window as many as the rate allows, and one second's worth of burst.
  for (const [first, from] of mailsAt.entries()) {
    for (const [last, to] of mailsAt.entries()) {
      if (last > first) expect(last - first).toBeLessThanOrEqual(((to - from + 1000) * PER_MINUTE) / 60_000 + 1);
    }
  }
});

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
