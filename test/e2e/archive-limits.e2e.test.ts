/** An archive that is slow, full, picky or misplaced: what the delivery with copies makes of it, and that others do not notice. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { aheadOfCopy, expectLedgerHolds, withoutCopy } from "./archive-ledger.ts";
import { ArchiveRig, COPIES } from "./archive-rig.ts";
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

async function startWithArchive(target: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await rig.start();
  await rig.addArchive(target);
}

test("asked to try everything at once while copies are on the wire: none of them is sent a second time", async () => {
  const COUNT = 40;
  const slow = gate();
  await startWithArchive();
  rig.archive.script = slow.script;
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true, timing: "after" } } });
  await rig.confirm(id);
  await rig.sink.until(() => rig.sink.timesTaken.size === COUNT);
  await untilRow(rig.database.db, `select 1 from archive_parts having sum(owed) = ${COUNT}`);
  await rig.archive.until(() => rig.archive.onWire > 0);
  await rig.call("POST", "/archive/actions/retry");
  // Nothing announces that nothing happens: senders look for debts twice a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  slow.open();
  await untilRow(rig.database.db, `select 1 from archive_parts having sum(archived) = ${COUNT}`);
  expect(withoutCopy(rig.sink.taken, rig.archive.taken)).toEqual([]);
  expect(rig.archive.taken).toHaveLength(COUNT);
  expect(await rig.database.db.query("select 1 from archive_copies where in_doubt")).toEqual([]);
  await expectLedgerHolds(rig.database.db, id);
});

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
    const originals = rig.sink.offered.filter(({ address }) => address.endsWith("@copied.example"));
    expect(withoutCopy(originals, rig.archive.taken)).toEqual([]);
  },
);

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
  const COUNT = 4000;
  await startWithArchive();
  // The debt is counted every two seconds; until then messages go on.
  rig.sink.script = async ({ stage }) => {
    if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, 40));
    return undefined;
  };
  await rig.call("PUT", "/settings", { archive: { debtLimit: LIMIT } });
  const { port } = rig.archive;
  await rig.archive.close();
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true }, partSize: 10 } });
  await rig.confirm(id);
  const waiting = await until(async () => {
    const now = await rig.indicators(id);
    return now.waitingFor !== null && now.copies.owed >= LIMIT && now;
  });
  expect(waiting.sent).toBeLessThan(COUNT);
  const kinds = await until(async () => {
    const found = (await rig.ledger()).alerts.map(({ kind }) => kind);
    return found.includes("debt-full") && found;
  });
  expect(kinds).toContain("debt-80");
  const plain = await rig.prepare({ count: 100 });
  await rig.confirm(plain);
  expect(await rig.untilState(plain, "finished")).toMatchObject({ sent: 100 });
  expect((await rig.indicators(id)).state).toBe("in-progress");
  rig.sink.script = () => undefined;
  await rig.archive.listen(port);
  await rig.call("POST", "/archive/actions/retry");
  expect(await rig.untilState(id, "finished")).toMatchObject({ sent: COUNT, waitingFor: null });
  expect((await rig.untilPaid(id)).copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
  await expectLedgerHolds(rig.database.db, id);
});

test("an archive that accepts and then bounces: the copy is given up with an alert, its recipient is none the wiser", async () => {
  await startWithArchive();
  // Only by the tag of its return path does a bounce find its copy.
  const id = await rig.prepare({ count: 2, settings: { archive: { on: true }, verp: true } });
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
  await rig.addArchive({ address: "P1@one.example" });
  const id = await rig.create({ count: 3, settings: { archive: { on: true } } });
  await rig.call("POST", `/deliveries/${id}/actions/analyse`);
  const checklist = await until(async () => {
    const now = await rig.call<{ analysed: boolean; items: { id: string; level: string }[] }>(
      "GET",
      `/deliveries/${id}/checklist`,
    );
    return now.analysed && now;
  });
  expect(checklist.items.filter(({ level }) => level === "error")).toMatchObject([{ id: "archive-recipient" }]);
  await expect(rig.confirm(id)).rejects.toThrow(/409/);
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
