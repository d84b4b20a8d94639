/** A mailbox by IMAP on servers that lie: what they say costs no more than it may, is told in words, and nothing is deleted because of it. */
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { listen, type Listening } from "../../../test/dialogues/loopback.ts";
import type { MailboxServer, MailboxSession } from "../../platform/mailbox.ts";
import { openImap } from "./open-imap.ts";

/** What the server says to a command instead of what it should; undefined: what it should; null: it hangs up. */
type Lie = (command: string, tag: string, socket: Socket) => string | null | undefined;

const MAIL = "Subject: a\r\n\r\nbody\r\n";
let server: Listening;
let lie: Lie = () => undefined;
let greeting = "";
const commands: string[] = [];
const endings: (() => void)[] = [];

/** A mailbox of two mails with the UIDs 4 and 7. */
function truth(command: string): string {
  const verb = /^(?:UID )?\S+/.exec(command)?.[0].toUpperCase() ?? "";
  if (verb === "CAPABILITY") return "* CAPABILITY IMAP4rev1 UIDPLUS\r\n";
  if (verb === "LIST") return '* LIST () "/" INBOX\r\n';
  if (verb === "SELECT") return "* FLAGS ()\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 9] .\r\n* OK [UIDNEXT 8] .\r\n";
  if (verb === "FETCH") return "* 1 FETCH (UID 4 RFC822.SIZE 20)\r\n* 2 FETCH (UID 7 RFC822.SIZE 20)\r\n";
  if (verb === "UID FETCH") return [4, 7].map((uid, at) => fetched(at + 1, uid)).join("");
  if (verb === "UID SEARCH") return "* SEARCH\r\n";
  if (verb === "LOGOUT") return "* BYE\r\n";
  return "";
}
const fetched = (seq: number, uid: number, text = MAIL) =>
  `* ${seq} FETCH (UID ${uid} BODY[]<0> {${text.length}}\r\n${text})\r\n`;

beforeAll(async () => {
  server = await listen((socket) => {
    endings.push(() => socket.destroy());
    socket.write(greeting);
    let rest = "";
    socket.on("data", (chunk) => {
      rest += chunk.toString("latin1");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const [, tag = "", command = ""] = /^(\S+) (.*)$/.exec(rest.slice(0, end)) ?? [];
        rest = rest.slice(end + 2);
        commands.push(command);
        const said = lie(command, tag, socket);
        if (said === null) socket.destroy();
        else socket.write(said ?? `${truth(command)}${tag} OK done\r\n`, "latin1");
      }
    });
  });
});
afterAll(() => server.close());
afterEach(() => {
  for (const end of endings.splice(0)) end();
  commands.splice(0);
  lie = () => undefined;
  greeting = "";
});

async function open(changes: Partial<MailboxServer> = {}, says: Lie = () => undefined, stop?: AbortSignal) {
  lie = says;
  greeting ||= "* OK [CAPABILITY IMAP4rev1 UIDPLUS] here\r\n";
  const settings: MailboxServer = {
    protocol: "imap",
    host: "127.0.0.1",
    port: server.port,
    tls: "none",
    verifyCertificate: true,
    user: "bounces",
    login: { kind: "password", password: "secret" },
    folder: "INBOX",
    ...changes,
  };
  const session = await openImap(settings, stop);
  endings.push(() => session.close());
  return session;
}

async function fetchAll(session: MailboxSession, refs: readonly number[], most = 1000) {
  const found = [];
  for await (const { ref, mail } of session.fetch(refs, most))
    found.push([ref, typeof mail === "string" ? mail : Buffer.from(mail).toString("latin1")]);
  return found;
}

/** As polling does it: what is deleted was fetched before. */
async function whole(says: Lie) {
  const session = await open({}, says);
  const listed = await session.list();
  const mails = await fetchAll(
    session,
    listed.map(({ ref }) => ref),
  );
  const stored = mails.flatMap(([ref, mail]) => (mail === "gone" || mail === "too-large" ? [] : [Number(ref)]));
  return { listed, mails, removed: await session.removeAndEnd(stored) };
}
const deleted = () => commands.filter((command) => /\\Deleted|EXPUNGE/i.test(command));
const on = (verb: string, said: (tag: string, socket: Socket) => string | null): Lie => {
  return (command, tag, socket) => (command.toUpperCase().startsWith(verb) ? said(tag, socket) : undefined);
};
const done = (tag: string) => `${tag} OK done\r\n`;

test("a server that behaves: all is listed, fetched, deleted", async () => {
  const { listed, mails, removed } = await whole(() => undefined);
  expect(listed).toEqual([
    { ref: 4, uid: "9:4", size: 20 },
    { ref: 7, uid: "9:7", size: 20 },
  ]);
  expect(mails).toEqual([
    [4, MAIL],
    [7, MAIL],
  ]);
  expect(removed).toEqual({ kept: new Set(), why: null });
  expect(deleted().some((command) => command.includes("4,7") || command.includes("4:7"))).toBe(true);
});

describe("breaks off, deletes nothing, and says why:", () => {
  const list = (said: string) => on("FETCH", (tag) => said + done(tag));
  const mail = (said: string) => on("UID FETCH", (tag) => said + done(tag));
  /** Goes on as long as anybody reads. */
  const endless = (verb: string, line: string) =>
    on(verb, (_, socket) => {
      const text = line.repeat(Math.ceil(65_536 / line.length));
      const more = () => {
        while (!socket.destroyed && socket.write(text, "latin1"));
      };
      socket.on("drain", more);
      setImmediate(more);
      return "";
    });
  test.each<[string, Lie, string, RegExp]>([
    [
      "two mails have one UID",
      list("* 1 FETCH (UID 4)\r\n* 2 FETCH (UID 4)\r\n"),
      "protocol",
      /two mails have the UID 4/,
    ],
    ["a UID is none", list("* 1 FETCH (UID 9999999999 RFC822.SIZE 3)\r\n"), "protocol", /a UID is no number/],
    ["there is no UIDVALIDITY", on("SELECT", (tag) => `* 2 EXISTS\r\n${done(tag)}`), "protocol", /no UIDVALIDITY/],
    ["a literal is huge", mail("* 1 FETCH (UID 4 BODY[]<0> {99999999999}\r\nabc"), "protocol", /99999999999 exceeds/],
    [
      "a literal has no end of digits",
      mail(`* 1 FETCH (UID 4 BODY[]<0> {${"9".repeat(5000)}}\r\n`),
      "protocol",
      /exceeds/,
    ],
    [
      "many literals of one answer are too much",
      endless("UID FETCH", `{16000000}\r\n${" ".repeat(100)}`),
      "protocol",
      /exceeds/,
    ],
    ["a line has no end", endless("FETCH", "x"), "protocol", /Line length/],
    [
      "what nobody asked for comes without end",
      endless("UID FETCH", fetched(1, 99, "x\r\n")),
      "protocol",
      /without end/,
    ],
    [
      "it leaves in the middle of a literal",
      on("UID FETCH", (_, socket) => (socket.end("* 1 FETCH (UID 4 BODY[]<0> {20}\r\nhalf"), "")),
      "unreachable",
      /./,
    ],
    [
      "it leaves in the middle of a list",
      on("FETCH", (_, socket) => (socket.end("* 1 FETCH (UID 4)\r\n"), "")),
      "unreachable",
      /./,
    ],
    [
      "it leaves between two mails",
      on("UID FETCH", (_, socket) => (socket.end(fetched(1, 4)), "")),
      "unreachable",
      /./,
    ],
    [
      "it says good-bye",
      on("FETCH", (_, socket) => (socket.end("* BYE [REFERRAL imap://other.example/] go there\r\n"), "")),
      "unreachable",
      /./,
    ],
    [
      "it refuses to give mails",
      on("UID FETCH", (tag) => `${tag} NO [REFERRAL imap://other.example/] not here\r\n`),
      "refused",
      /not here/,
    ],
    [
      "the folder is elsewhere",
      on("SELECT", (tag) => `${tag} NO [REFERRAL imap://other.example/INBOX] moved\r\n`),
      "refused",
      /moved/,
    ],
  ])("%s", async (_, says, problem, why) => {
    await expect(whole(says)).rejects.toMatchObject({ problem, message: expect.stringMatching(why) as string });
    expect(deleted()).toEqual([]);
  });
});

test("sizes that are none are left to the mail itself; NUL bytes are bytes; what is shorter or gone is said to be", async () => {
  const nul = "a\0b\r\n";
  const { listed, mails } = await whole((command, tag) => {
    const verb = command.toUpperCase();
    if (verb.startsWith("FETCH"))
      return `* 1 FETCH (UID 4 RFC822.SIZE 99999999999999999999)\r\n* 2 FETCH (UID 7 RFC822.SIZE -3)\r\n${done(tag)}`;
    return verb.startsWith("UID FETCH") ? fetched(1, 4, nul) + done(tag) : undefined;
  });
  expect(listed.map(({ size }) => Number.isSafeInteger(size) && size >= 0)).toEqual([true, true]);
  expect(mails).toEqual([
    [4, nul],
    [7, "gone"],
  ]);
  expect(deleted().some((command) => command.includes("7"))).toBe(false);
});

test("a mail that is larger than was asked for is too large, and one that comes twice counts once", async () => {
  const big = "x".repeat(5000);
  const session = await open(
    {},
    on("UID FETCH", (tag) => fetched(1, 4, big) + fetched(2, 7) + fetched(2, 7, "other") + done(tag)),
  );
  expect(await fetchAll(session, [4, 7])).toEqual([
    [4, "too-large"],
    [7, MAIL],
  ]);
});

test("another UIDVALIDITY gives every mail another name", async () => {
  const session = await open(
    {},
    on("SELECT", (tag) => `* 1 EXISTS\r\n* OK [UIDVALIDITY 10] .\r\n${done(tag)}`),
  );
  expect((await session.list()).map(({ uid }) => uid)).toEqual(["10:4", "10:7"]);
});

describe("login", () => {
  test("a refusal is told in 300 characters, without the password and without control characters", async () => {
    const said = `secret \0\x07 ${"long ".repeat(100_000)}`;
    const failure = open({}, (command, tag) =>
      /^(LOGIN|AUTHENTICATE)/i.test(command) ? `${tag} NO [AUTHENTICATIONFAILED] ${said}\r\n` : undefined,
    );
    const error = await failure.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ problem: "login" });
    const text = String((error as Error).message);
    expect(text.length).toBeLessThan(400);
    expect(text).not.toMatch(/secret|\p{Cc}/u);
  });

  test.each([
    ["no STARTTLS is offered", "* OK [CAPABILITY IMAP4rev1] here\r\n", () => undefined],
    [
      "STARTTLS is refused",
      "* OK [CAPABILITY IMAP4rev1 STARTTLS] here\r\n",
      on("STARTTLS", (tag) => `${tag} NO not now\r\n`),
    ],
    [
      "answers are slipped in before the handshake",
      "* OK [CAPABILITY IMAP4rev1 STARTTLS] here\r\n",
      on("STARTTLS", (tag) => `${tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* PREAUTH welcome\r\n`),
    ],
    ["it says that nobody needs to log in", "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\r\n", () => undefined],
  ] as [string, string, Lie][])("the password does not leave in the clear where %s", async (_, hello, says) => {
    greeting = hello;
    await expect(open({ tls: "starttls" }, says, AbortSignal.timeout(500))).rejects.toMatchObject({
      name: "MailboxError",
    });
    expect(commands.filter((command) => /LOGIN|AUTHENTICATE|SELECT/i.test(command))).toEqual([]);
  });

  test.each([["SSH-2.0-server\r\n"], ["220 mx.example ESMTP\r\n"], ["* BYE too many of you\r\n"], ["\0\0\0\r\n"]])(
    "a server that greets with %j lets nobody in",
    async (hello) => {
      greeting = hello;
      // They say nothing more; Envoi would wait for 30 seconds.
      const stop = AbortSignal.timeout(300);
      await expect(open({}, () => undefined, stop)).rejects.toMatchObject({ name: "MailboxError" });
      expect(commands.filter((command) => /LOGIN|AUTHENTICATE/i.test(command))).toEqual([]);
    },
  );
});
