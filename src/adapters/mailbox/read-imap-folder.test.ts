/** A folder over IMAP: every message once and byte for byte, nothing marked as seen, and connections that break. */
import { afterEach, describe, expect, test } from "vitest";

import { type ImapServer, type ImapServerOptions, startImapServer } from "../../../test/imap-server.ts";
import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { parseMailboxUrl } from "./mailbox-url.ts";
import { type ImapOptions, readImapFolder } from "./read-imap-folder.ts";

const START = Date.parse("2026-11-21T09:00:00Z");
const message = (uid: number, text = `Subject: ${uid}\r\n\r\nbody ${uid}\r\n`) => ({ uid, bytes: Buffer.from(text) });

let server: ImapServer;
afterEach(() => server.close());

async function read(
  options: ImapServerOptions,
  changes: Partial<ImapOptions> = {},
  folder = "",
  scheme = "imap",
  host = "127.0.0.1",
): Promise<ArchiveItem[]> {
  server = await startImapServer(options);
  const url = parseMailboxUrl(`${scheme}://archive@${host}:${server.port}/${folder}`);
  if (!url) throw new Error("no URL");
  const items = [];
  const reading = readImapFolder(url, { password: "secret", since: START, insecure: false, ...changes });
  for await (const item of reading) items.push(item);
  return items;
}

const uidsOf = (items: readonly ArchiveItem[]) => items.map(({ where }) => Number(where.replace("UID ", "")));

test("all messages come in order of their UIDs, byte for byte, and none is marked as seen", async () => {
  const odd = Buffer.from("Subject: \xff\0)\r\n\r\n{5}\r\n* 1 FETCH (\r\nbare\n", "latin1");
  const messages = [...Array.from({ length: 130 }, (_, i) => message(3 * i + 1)), { uid: 1000, bytes: odd }];
  const items = await read({ messages });
  expect(uidsOf(items)).toEqual(messages.map(({ uid }) => uid));
  expect(items.map((item) => (item.kind === "message" ? Buffer.from(item.bytes) : null))).toEqual(
    messages.map(({ bytes }) => bytes),
  );
  const touching = server.commands.filter((command) => /^(SELECT|STORE)|BODY\[|RFC822\b(?!\.SIZE)/i.test(command));
  expect(touching).toEqual([]);
  expect(server.commands).toContainEqual(expect.stringMatching(/^EXAMINE/));
});

test("what came to the server more than a day before the delivery began is not read", async () => {
  const at = (text: string) => ({ at: new Date(text) });
  const items = await read({
    messages: [
      { ...message(1), ...at("2026-11-19T23:59:00Z") },
      { ...message(2), ...at("2026-11-20T00:01:00Z") },
      { ...message(3), ...at("2026-11-22T00:00:00Z") },
    ],
  });
  expect(uidsOf(items)).toEqual([2, 3]);
});

test("a server that cannot search has everything read", async () => {
  const items = await read({ noSearch: true, messages: [message(5), message(9)] });
  expect(uidsOf(items)).toEqual([5, 9]);
});

test("an empty folder has nothing, in whatever folder it is", async () => {
  expect(await read({ folder: "Copies/2026 &- more", messages: [] }, {}, "Copies/2026%20%26%20more")).toEqual([]);
});

describe("a connection that breaks", () => {
  test("is made again, and goes on where it was", async () => {
    const messages = Array.from({ length: 70 }, (_, i) => message(i + 1));
    const items = await read({ messages, dropAt: 60 });
    expect(uidsOf(items)).toEqual(messages.map(({ uid }) => uid));
    expect(server.commands.filter((command) => command.startsWith("EXAMINE"))).toHaveLength(2);
  });

  test("ends the reading when the server has numbered its messages anew", async () => {
    const options: ImapServerOptions = {
      messages: [message(1), message(2)],
      get validity() {
        return this.dropAt === null ? 8 : 7;
      },
      dropAt: 2,
    };
    await expect(read(options)).rejects.toThrow(/numbered its messages anew/);
  });
});

test("a certificate that nobody vouches for is refused, unless any will do", async () => {
  await expect(read({ tls: true, messages: [] }, {}, "", "imaps")).rejects.toThrow(/certificate/);
  expect(server.commands).toEqual([]);
  await server.close();
  expect(uidsOf(await read({ tls: true, messages: [message(4)] }, { insecure: true }, "", "imaps"))).toEqual([4]);
});

describe("what cannot be read is said without the password", () => {
  test("a wrong password", async () => {
    const failure = read({ messages: [] }, { password: "hunter2" });
    await expect(failure).rejects.toMatchObject({ code: "archive-unreadable", exit: 2 });
    await expect(failure).rejects.toThrow(/user or password refused/);
    await expect(failure).rejects.not.toThrow(/hunter2/);
  });

  test("a folder that is not there", async () => {
    await expect(read({ messages: [] }, {}, "Nowhere")).rejects.toThrow(/Nowhere cannot be read: .*exist/);
  });

  test("a server across a network that offers no TLS: the password stays here", async () => {
    const failure = read({ messages: [] }, {}, "", "imap", "0.0.0.0");
    await expect(failure).rejects.toThrow(/STARTTLS/);
    expect(server.commands.filter((command) => /LOGIN|AUTHENTICATE/i.test(command))).toEqual([]);
    await server.close();
    expect(uidsOf(await read({ messages: [message(1)] }, { insecure: true }, "", "imap", "0.0.0.0"))).toEqual([1]);
  });

  test("a server that speaks no TLS where it has to", async () => {
    await expect(read({ messages: [] }, {}, "", "imaps")).rejects.toMatchObject({ code: "archive-unreadable" });
  });
});
