/** A real mail server as archive: Postfix takes the copies, Dovecot keeps them, and `archive verify` reads them by IMAP. Skipped aloud where they are not installed. */
import { ImapFlow, type FetchMessageObject } from "imapflow";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { PASSWORD, startDovecot, whyNoDovecot, type Dovecot } from "../mail-servers/dovecot.ts";
import { startPostfix, whyNoPostfix, type Postfix } from "../mail-servers/postfix.ts";
import { ArchiveRig, COPIES } from "./archive-rig.ts";
import { lastJson, runEnvoi } from "./envoi.ts";
import { until } from "./until.ts";

const COUNT = 500;
const missing = whyNoDovecot("imap") ?? whyNoPostfix();

type Report = {
  expected: number;
  found: number;
  identical: number;
  missing: string[];
  surplus: { key: string; why: string }[];
  different: { key: string }[];
  counts: Record<string, number>;
};

let rig: ArchiveRig;
let dovecot: Dovecot | null = null;
let postfix: Postfix | null = null;

beforeAll(async () => {
  rig = await ArchiveRig.open();
  if (missing !== null) return void process.stderr.write(`SKIPPED: no real mail server as archive: ${missing}\n`);
  dovecot = await startDovecot(join(rig.dir.path, "dovecot"));
  postfix = await startPostfix({
    dir: join(rig.dir.path, "postfix"),
    domain: "archive.example",
    lmtpPort: dovecot.lmtpPort,
  });
  await rig.start();
});

afterAll(async () => {
  postfix?.stop();
  await dovecot?.stop();
  await rig.close();
});

function connect(): ImapFlow {
  const auth = { user: COPIES, pass: PASSWORD };
  return new ImapFlow({ host: "127.0.0.1", port: dovecot?.imapPort ?? 0, auth, logger: false, doSTARTTLS: false });
}

async function inMailbox<T>(work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const client = connect();
  await client.connect();
  const lock = await client.getMailboxLock("INBOX");
  try {
    return await work(client);
  } finally {
    lock.release();
    await client.logout();
  }
}

/** Exit code and report of `archive verify` against the mailbox. */
async function verify(delivery: number): Promise<{ code: number | null; report: Report }> {
  const user = encodeURIComponent(COPIES);
  const mailbox = `imap://${user}@127.0.0.1:${dovecot?.imapPort}/INBOX`;
  const args = ["archive", "verify", "--json", "--insecure", "--delivery", String(delivery), "--mailbox", mailbox];
  const ended = await runEnvoi(args, { ...rig.environment, ENVOI_MAILBOX_PASSWORD: PASSWORD });
  return { code: ended.code, report: lastJson<Report>(ended) };
}

/** The key of each message by its recipient. */
async function keys(delivery: number): Promise<ReadonlyMap<string, string>> {
  const rows = await rig.database.db.query<{ address: string; key: string }>(
    `select m.address, m.part_id || '-' || m.seq as key from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1`,
    [delivery],
  );
  return new Map(rows.map((row) => [row.address, row.key]));
}

const toOf = (message: FetchMessageObject) => message.envelope?.to?.[0]?.address ?? "";

/** One message is altered in one letter, one deleted, one copied: what an accident does to a mailbox. Answers to whom they went. */
function damage(): Promise<{ altered: string; deleted: string; doubled: string }> {
  return inMailbox(async (client) => {
    const all = await client.fetchAll("1:*", { uid: true, envelope: true, source: true });
    const [first, second, third] = all;
    if (!first?.source || !second || !third?.source) throw new Error("the mailbox is as good as empty");
    const text = first.source.toString("latin1");
    const altered = Buffer.from(text.replace("<p>Hello ", "<p>Hallo "), "latin1");
    expect(altered.equals(first.source)).toBe(false);
    await client.append("INBOX", altered);
    await client.append("INBOX", third.source);
    await client.messageDelete(`${first.uid},${second.uid}`, { uid: true });
    return { altered: toOf(first), deleted: toOf(second), doubled: toOf(third) };
  });
}

test(`${COUNT} messages with copies into a Dovecot mailbox by Postfix: verified, and what is damaged is named`, async (context) => {
  if (missing !== null) return context.skip(missing);
  await rig.addArchive({ server: `127.0.0.1:${postfix?.port}` });
  const id = await rig.prepare({ count: COUNT, settings: { archive: { on: true } } });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  const { copies } = await rig.untilPaid(id);
  expect(copies).toEqual({ due: COUNT, archived: COUNT, owed: 0, givenUp: 0 });
  await until(() => inMailbox(async (client) => client.mailbox && client.mailbox.exists >= COUNT));

  const whole = await verify(id);
  expect(whole.report).toMatchObject({ expected: COUNT, found: COUNT, identical: COUNT, missing: [], surplus: [] });
  expect(whole.code).toBe(0);

  const { altered, deleted, doubled } = await damage();
  const known = await keys(id);
  const { code, report } = await verify(id);
  expect(code).toBe(1);
  expect(report.different.map(({ key }) => key)).toEqual([known.get(altered)]);
  expect(report.missing).toEqual([known.get(deleted)]);
  expect(report.surplus).toMatchObject([{ key: known.get(doubled), why: "twice" }]);
  expect(report.counts).toMatchObject({ missing: 1, different: 1, surplus: 1, owed: 0, givenUp: 0, unreadable: 0 });
});
