/** `envoi send` from a CSV file to a receiving server: what the server got, what the log says and what the summary says agree. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../database.ts";
import {
  csvOf,
  lastJson,
  makeTestDir,
  readLog,
  runEnvoi,
  startEnvoi,
  type Env,
  type Summary,
  type TestDir,
} from "./envoi.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { untilRow } from "./until.ts";

const DOMAINS = ["one.example", "two.example", "three.example", "four.example", "five.example"];

let dir: TestDir;
let database: TestDatabase;
let sink: SmtpSink;
let env: Env;

beforeEach(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  sink = new SmtpSink();
  await sink.listen();
  env = { DATABASE_URL: database.url, ENVOI_DATA_DIR: dir.path, ENVOI_SENDERS: "1" };
});

afterEach(async () => {
  await sink.close();
  await database.drop();
  dir.remove();
});

function people(count: number): { email: string; first_name: string; city: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    email: `p${i}@${DOMAINS[i % DOMAINS.length]}`,
    first_name: `Name${i}`,
    city: i % 2 === 0 ? "Zürich" : "A & B <Co>",
  }));
}

function sendArgs(audience: string, ...more: string[]): string[] {
  return [
    "send",
    "--json",
    "--audience",
    audience,
    "--from",
    "Envoi Tests <news@sender.example>",
    "--subject",
    "Hello {{ recipient.first_name }}",
    "--html",
    campaign(),
    "--no-tracking",
    "--format",
    "html",
    ...more,
    ...DOMAINS.flatMap((domain) => ["--route", sink.route(domain)]),
  ];
}

function campaign(): string {
  return dir.file("campaign.html", "<p>Dear {{ recipient.first_name }} of {{ recipient.city }}, unsubscribe.</p>\n");
}

function expectIdentity(s: Summary): void {
  const excluded = Object.values(s.excluded).reduce((sum, n) => sum + n, 0);
  expect(s.targeted).toBe(excluded + s.toDeliver);
  expect(s.toDeliver).toBe(s.sent + s.failed + s.cancelled + s.pending + s.inDoubt);
}

/** Quoted-printable body text of a single-part message. */
function bodyOf(source: string): string {
  const encoded = source.slice(source.indexOf("\r\n\r\n") + 4).replaceAll("=\r\n", "");
  const bytes = encoded.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

test("everyone gets exactly one message with their own values; sink, log and summary agree", async () => {
  const rows = people(300);
  const audience = dir.file(
    "people.csv",
    csvOf([...rows, { ...rows[7]! }, { email: "nobody", first_name: "x", city: "y" }]),
  );
  const ended = await runEnvoi(sendArgs(audience), env);
  const summary = lastJson<Summary>(ended);
  expect(ended.code, ended.stderr).toBe(0);
  expect(summary).toMatchObject({ state: "finished", targeted: 302, toDeliver: 300, sent: 300, failed: 0, pending: 0 });
  expect(summary.excluded).toEqual({ duplicate: 1, "invalid-address": 1 });
  expectIdentity(summary);
  expect(sink.timesTaken.size).toBe(300);
  expect([...sink.timesTaken.values()].every((n) => n === 1)).toBe(true);
  for (const [i, row] of rows.entries()) {
    const { source, mailFrom } = sink.taken.find((taken) => taken.address === row.email)!;
    expect(mailFrom).toBe("news@sender.example");
    expect(source).toContain(`\r\nSubject: Hello Name${i}\r\n`);
    const city = row.city.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    expect(bodyOf(source).trimEnd()).toBe(`<p>Dear Name${i} of ${city}, unsubscribe.</p>`);
  }
  const log = await readLog(summary.delivery, env);
  expect(log.map((line) => line.recipient).sort()).toEqual(rows.map((row) => row.email).sort());
  expect(new Set(log.map((line) => `${line.status} ${line.attempts} ${line.reply}`))).toEqual(
    new Set(["sent 1 250 2.0.0 taken"]),
  );
});

test("temporary refusals and a dead server: tried again, and failed with the last reason when the validity ends", async () => {
  const dead = createServer();
  await once(dead.listen(0, "127.0.0.1"), "listening");
  const deadPort = (dead.address() as AddressInfo).port;
  await new Promise((resolve) => dead.close(resolve));
  sink.script = ({ stage, address, times }) => {
    if (stage === "rcpt" && address === "grey@one.example" && times === 1) return "451 4.7.1 greylisted, come back";
    if (stage === "rcpt" && address === "full@two.example") return "452 4.2.2 mailbox full";
    return undefined;
  };
  const emails = ["grey@one.example", "full@two.example", "fine@one.example", "lost@dead.example", "gone@dead.example"];
  const audience = dir.file("people.csv", csvOf(emails.map((email) => ({ email, first_name: "A", city: "B" }))));
  const run = startEnvoi(
    [...sendArgs(audience, "--validity", "12s"), "--route", `dead.example=127.0.0.1:${deadPort}`],
    env,
  );
  await sink.until(() => sink.timesTaken.has("fine@one.example"));
  await untilRow(database.db, "select 1 from messages where status = 'taken-into-account' and reason = 'unreachable'");
  const ended = await run.ended;
  const summary = lastJson<Summary>(ended);
  expect(summary).toMatchObject({ state: "finished", sent: 2, failed: 3 });
  expectIdentity(summary);
  expect(ended.code).toBe(0);
  const log = new Map((await readLog(summary.delivery, env)).map((line) => [line.recipient, line]));
  expect(log.get("grey@one.example")).toMatchObject({ status: "sent", attempts: 2, type: null, reason: null });
  expect(log.get("full@two.example")).toMatchObject({ status: "failed", type: "soft", reason: "mailbox-full" });
  expect(log.get("lost@dead.example")).toMatchObject({ status: "failed", reason: "unreachable" });
  expect(log.get("gone@dead.example")).toMatchObject({ status: "failed", reason: "unreachable" });
  expect(lastJson<Summary & { durationMs: number }>(ended).durationMs).toBeLessThan(24_000);
});

test("permanent refusals say why; a hard one is quarantined and left out next time", async () => {
  const replies: Record<string, string> = {
    "unknown@one.example": "550 5.1.1 no such user here",
    "disabled@two.example": "550 5.2.1 mailbox disabled, not accepting messages",
    "spam@three.example": "554 5.7.1 message refused as spam by content filter",
  };
  sink.script = ({ stage, address }) => {
    const at = address.startsWith("spam") ? "dot" : "rcpt";
    return stage === at ? replies[address] : undefined;
  };
  const emails = [...Object.keys(replies), "fine@four.example"];
  const audience = dir.file("people.csv", csvOf(emails.map((email) => ({ email, first_name: "A", city: "B" }))));
  const first = lastJson<Summary>(await runEnvoi(sendArgs(audience), env));
  expect(first).toMatchObject({ sent: 1, failed: 3 });
  const log = new Map((await readLog(first.delivery, env)).map((line) => [line.recipient, line]));
  expect(log.get("unknown@one.example")).toMatchObject({ status: "failed", type: "hard", reason: "user-unknown" });
  expect(log.get("unknown@one.example")?.reply).toBe("550 5.1.1 no such user here");
  expect(log.get("disabled@two.example")).toMatchObject({ status: "failed", reason: "account-disabled" });
  expect(log.get("spam@three.example")).toMatchObject({ status: "failed", reason: "refused" });

  sink.script = () => undefined;
  const second = lastJson<Summary>(await runEnvoi(sendArgs(audience), env));
  expectIdentity(second);
  expect(second.excluded["quarantined"]).toBeGreaterThanOrEqual(1);
  expect(sink.timesTaken.has("unknown@one.example")).toBe(false);
  // A refusal of the content is not the address's fault.
  expect(sink.timesTaken.get("spam@three.example")).toBe(1);
  expect(sink.timesTaken.get("fine@four.example")).toBe(2);
});

test("a relay that refuses the login pauses the delivery with its reply; --resume finishes it", async () => {
  let refuses = true;
  sink.script = ({ stage }) => (stage === "auth" && refuses ? "535 5.7.8 authentication failed" : undefined);
  const relay: Env = {
    ...env,
    ENVOI_TRANSPORT: "relay",
    ENVOI_RELAY: `smtp://user:wrong@127.0.0.1:${sink.port}`,
  };
  const audience = dir.file("people.csv", csvOf(people(1200)));
  const args = ["send", "--json", "--audience", audience, "--from", "a@sender.example", "--subject", "Hi"];
  const refused = await runEnvoi([...args, "--html", campaign()], relay);
  const held = lastJson<Summary>(refused);
  expect(refused.code).toBe(1);
  expect(held).toMatchObject({ state: "paused", sent: 0, failed: 0, pending: 1200 });
  expect(refused.stderr).toContain("535 5.7.8 authentication failed");
  expect(refused.stderr).toContain(`--resume ${held.delivery}`);
  expect((await readLog(held.delivery, relay)).every((line) => line.status === "pending" && line.attempts === 0)).toBe(
    true,
  );
  expect(await database.db.query("select 1 from delivery_events where kind = 'delivery.held'")).toHaveLength(1);

  refuses = false;
  const resumed = await runEnvoi(["send", "--json", "--resume", held.delivery], relay);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(lastJson<Summary>(resumed)).toMatchObject({ state: "finished", sent: 1200, pending: 0 });
  expect(sink.timesTaken.size).toBe(1200);
});

test("a message that would have other bytes than at its first attempt is not sent", async () => {
  const audience = dir.file("people.csv", csvOf(people(3)));
  const prepared = lastJson<Summary>(await runEnvoi(sendArgs(audience, "--dry-run"), env));
  // As an attempt before left it behind, made by a version that rendered differently.
  await database.db.query("update messages set digest = sha256('other bytes') where address = 'p1@two.example'");
  const ended = await runEnvoi(["send", "--json", "--resume", prepared.delivery], env);
  expect(lastJson<Summary>(ended), ended.stderr).toMatchObject({ state: "finished", sent: 2, failed: 1, pending: 0 });
  expect([...sink.timesTaken.keys()].sort()).toEqual(["p0@one.example", "p2@three.example"]);
  const log = await readLog(prepared.delivery, env);
  expect(log.find((line) => line.status === "failed")?.reply).toContain("other bytes than at its first attempt");
});

test("Ctrl-C pauses and says how to go on; --resume finishes; nobody gets it twice", async () => {
  const audience = dir.file("people.csv", csvOf(people(1000)));
  let pass = () => {};
  const gate = new Promise<undefined>((resolve) => {
    pass = () => resolve(undefined);
  });
  sink.script = ({ stage }) => (stage === "dot" && sink.timesTaken.size >= 200 ? gate : undefined);
  const run = startEnvoi(sendArgs(audience), env);
  await sink.until(() => sink.timesTaken.size >= 200);
  await untilRow(database.db, "select 1 from sender_status where on_wire > 0");
  process.kill(run.pid, "SIGINT");
  const [, onWire] = await run.says(/pausing; (\d+) messages on the wire will finish/);
  pass();
  const ended = await run.ended;
  const paused = lastJson<Summary>(ended);
  expect(ended.code).toBe(1);
  expect(paused.state).toBe("paused");
  expect(paused.sent).toBe(sink.timesTaken.size);
  expect(paused.sent).toBeLessThan(1000);
  expectIdentity(paused);
  expect(Number(onWire)).toBeGreaterThan(0);

  const resumed = await runEnvoi(["send", "--json", "--resume", paused.delivery], env);
  expect(lastJson<Summary>(resumed)).toMatchObject({ state: "finished", sent: 1000, pending: 0 });
  expect(sink.timesTaken.size).toBe(1000);
  expect([...sink.timesTaken.values()].every((n) => n === 1)).toBe(true);
});

test("`source KEY` gives the bytes that the server got, and their DKIM signature verifies", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = dir.file("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }));
  const p = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const text = dir.file("campaign.txt", ".\n..dots\n\nGrüße {{ recipient.first_name }} \nFrom here on\n");
  const audience = dir.file("people.csv", csvOf(people(5)));
  const ended = await runEnvoi(sendArgs(audience, "--text", text, "--dkim", `sender.example:s1:${key}`), env);
  const summary = lastJson<Summary>(ended);
  expect(summary).toMatchObject({ sent: 5 });
  for (const line of await readLog(summary.delivery, env)) {
    const got = sink.taken.find(({ address }) => address === line.recipient)!.source;
    const { stdout } = await runEnvoi(["source", line.key], env);
    expect(Buffer.from(stdout, "latin1").toString("latin1")).toBe(got);
    const { results } = await dkimVerify(Buffer.from(got, "latin1"), {
      resolver: (name: string) => Promise.resolve(name === "s1._domainkey.sender.example" ? [[`v=DKIM1; p=${p}`]] : []),
    });
    expect(results.map((result) => result.status.result)).toEqual(["pass"]);
  }
});
