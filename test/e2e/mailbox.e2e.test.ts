/**
 * A real receiving server that takes mail and reports later (Postfix), and a real mailbox that the reports come to (Dovecot): fetched by
 * POP3 and IMAP, they change the log. Skipped aloud where they are not installed.
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Mailbox, MailboxTest } from "../../src/contract/mailboxes.ts";
import type { InboundMailEntry } from "../../src/contract/inbound.ts";
import type { TestDatabase } from "../database.ts";
import { type Dovecot, PASSWORD, startDovecot, whyNoDovecot } from "../mail-servers/dovecot.ts";
import { type Postfix, startPostfix, whyNoPostfix } from "../mail-servers/postfix.ts";
import type { Env, LogLine, TestDir } from "./envoi.ts";
import { openGround, Rig } from "./rig.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const missing = whyNoDovecot("imap", "pop3") ?? whyNoPostfix();
const BOX = "bounces@back.example";

/** What the server behind Postfix says of recipients of a domain. */
const BEHIND: Readonly<Record<string, string>> = {
  "gone.example": "550 5.1.1 The email account that you tried to reach does not exist",
  "full.example": "552 5.2.2 The mailbox is full and cannot take messages now",
  "slow.example": "451 4.4.1 The mail server of this recipient does not respond, try again later",
};

class MailboxRig extends Rig {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  private readonly behind: SmtpSink;

  private constructor(dir: TestDir, database: TestDatabase, env: Env, servers: [Dovecot, Postfix, SmtpSink]) {
    super(dir, database, env);
    [this.dovecot, this.postfix, this.behind] = servers;
  }

  static async open(): Promise<MailboxRig> {
    const { dir, database, env } = await openGround();
    const behind = new SmtpSink(({ stage, address }) =>
      stage === "rcpt" ? BEHIND[address.slice(address.indexOf("@") + 1)] : undefined,
    );
    await behind.listen();
    const dovecot = await startDovecot(join(dir.path, "dovecot"));
    const postfix = await startPostfix({
      dir: join(dir.path, "postfix"),
      domain: "back.example",
      lmtpPort: dovecot.lmtpPort,
      behindPort: behind.port,
    });
    const routes = Object.keys(BEHIND).map((domain) => `${domain}=127.0.0.1:${postfix.port}`);
    const relay = {
      ENVOI_TRANSPORT: "relay",
      ENVOI_RELAY: `smtp://127.0.0.1:${postfix.port}`,
      ENVOI_RELAY_PROFILE: "confirmed",
      ENVOI_ROUTES: routes.join(","),
    };
    return new MailboxRig(dir, database, { ...env, ...relay }, [dovecot, postfix, behind]);
  }

  async close(): Promise<void> {
    this.postfix.stop();
    await this.dovecot.stop();
    await this.behind.close();
    await this.end();
  }

  addMailbox(name: string, changes: object): Promise<Mailbox> {
    return this.call("POST", "/mailboxes", {
      name,
      host: "127.0.0.1",
      user: BOX,
      auth: { kind: "password", password: PASSWORD },
      verifyCertificate: false,
      ...changes,
    });
  }

  /** Sends to one recipient of each domain; by their addresses, what became of them, once it is that. */
  async send(name: string, domains: readonly string[]): Promise<number> {
    const id = await this.prepare({ name, domains, count: domains.length });
    await this.confirm(id);
    return id;
  }

  async log(id: number): Promise<Record<string, (string | null)[]>> {
    const { data } = await this.call<{ data: LogLine[] }>("GET", `/deliveries/${id}/messages`);
    return Object.fromEntries(data.map(({ recipient, status, type, reason }) => [recipient, [status, type, reason]]));
  }

  /** Looks until so many mails of the delivery came. */
  async untilMails(mailbox: Mailbox, delivery: number, wanted: number): Promise<InboundMailEntry[]> {
    return until(async () => {
      await this.call("POST", `/mailboxes/${mailbox.id}/actions/poll`);
      const { data } = await this.call<{ data: InboundMailEntry[] }>(
        "GET",
        `/inbound-mails?delivery=${delivery}&state=done`,
      );
      return data.length >= wanted && data;
    });
  }

  /** Until nothing lies there any more. */
  untilEmpty(mailbox: Mailbox): Promise<Mailbox> {
    return until(async () => {
      await this.call("POST", `/mailboxes/${mailbox.id}/actions/poll`);
      const now = await this.call<Mailbox>("GET", `/mailboxes/${mailbox.id}`);
      return now.state.found === 0 && now.state.deleted > 0 && now.state.status === "waiting" && now;
    });
  }
}

let rig: MailboxRig | null = null;
beforeAll(async () => {
  if (missing !== null) return void process.stderr.write(`SKIPPED: no real mail servers for bounces: ${missing}\n`);
  rig = await MailboxRig.open();
  await rig.start();
  await rig.call("PUT", "/settings", { bounceDomain: "back.example", errorAddress: BOX });
});
afterAll(() => rig?.close());

const brief = (mails: readonly InboundMailEntry[]) =>
  mails
    .toSorted((a, b) => `${a.kind}`.localeCompare(`${b.kind}`))
    .map(({ kind, outcome, source, recipient, returnPath }) => [
      kind,
      outcome,
      source,
      recipient?.replace(/\+\w+/, "+TAG"),
      returnPath,
    ]);

test("reports of Postfix come by POP3 with STLS, and the log follows them", async (context) => {
  if (rig === null) return context.skip(missing ?? "");
  const mailbox = await rig.addMailbox("POP3", { protocol: "pop3", tls: "starttls", port: rig.dovecot.pop3Port });
  const id = await rig.send("a", [...Object.keys(BEHIND), "other.example"]);
  const mails = await rig.untilMails(mailbox, id, 4);
  const came = ["mailbox", "bounces+TAG@back.example", ""];
  expect(brief(mails)).toEqual([
    ["bounce", "failed", ...came],
    ["bounce", "failed", ...came],
    ["delayed", "reason", ...came],
    ["success", "final-word", ...came],
  ]);
  expect(await rig.log(id)).toEqual({
    "a0@gone.example": ["failed", "hard", "user-unknown"],
    "a1@full.example": ["failed", "soft", "mailbox-full"],
    "a2@slow.example": ["sent", "soft", "unreachable"],
    "a3@other.example": ["sent", null, null],
  });
  const { state } = await rig.untilEmpty(mailbox);
  expect(state).toMatchObject({ taken: 4, deleted: 4, error: null, note: null });
  await rig.call("DELETE", `/mailboxes/${mailbox.id}`);
});

test("and by IMAP, each once; POP3S and wrong passwords are tried without changing anything", async (context) => {
  if (rig === null) return context.skip(missing ?? "");
  const { imapPort, pop3sPort } = rig.dovecot;
  const mailbox = await rig.addMailbox("IMAP", {
    protocol: "imap",
    tls: "starttls",
    port: imapPort,
    deleteProcessed: false,
  });
  const id = await rig.send("b", ["gone.example", "full.example"]);
  await rig.untilMails(mailbox, id, 2);
  expect(await rig.log(id)).toEqual({
    "b0@gone.example": ["failed", "hard", "user-unknown"],
    "b1@full.example": ["failed", "soft", "mailbox-full"],
  });

  const other = await rig.addMailbox("POP3S", { protocol: "pop3", port: pop3sPort, enabled: false });
  const tryIt = () => rig?.call<MailboxTest>("POST", `/mailboxes/${other.id}/actions/test`);
  expect(await tryIt()).toEqual({ ok: true, detail: "2 mails", messages: 2 });
  const given = { name: "POP3S", protocol: "pop3", host: "127.0.0.1", port: pop3sPort, user: BOX, enabled: false };
  const put = (changes: object) => rig?.call("PUT", `/mailboxes/${other.id}`, { ...given, ...changes });
  await put({ verifyCertificate: false, auth: { kind: "password", password: "wrong" } });
  expect(await tryIt()).toMatchObject({ ok: false, detail: expect.stringMatching(/refused: .*Authentication failed/) });
  await put({ auth: { kind: "password", password: PASSWORD } });
  expect(await tryIt()).toMatchObject({ ok: false, detail: expect.stringMatching(/certificate/) });

  const change = {
    name: "IMAP",
    protocol: "imap",
    tls: "starttls",
    verifyCertificate: false,
    host: "127.0.0.1",
    port: imapPort,
    user: BOX,
  };
  await rig.call("PUT", `/mailboxes/${mailbox.id}`, { ...change, auth: { kind: "password" }, deleteProcessed: true });
  const { state } = await rig.untilEmpty(mailbox);
  expect(state).toMatchObject({ taken: 2, deleted: 2, error: null });
});
