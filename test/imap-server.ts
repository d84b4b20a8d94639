/** A small IMAP server (RFC 3501) for tests: one user, one folder of messages, what a reader needs and no more. */
import { createServer, type Socket } from "node:net";

import { secureServer } from "./dialogues/loopback.ts";

export type ImapMessage = { readonly uid: number; readonly bytes: Buffer; readonly at?: Date };

export type ImapServerOptions = {
  readonly user?: string;
  readonly password?: string;
  readonly folder?: string;
  readonly messages: readonly ImapMessage[];
  /** TLS from the first byte, with a certificate that nobody trusts. */
  readonly tls?: boolean;
  /** Refuses SEARCH. */
  readonly noSearch?: boolean;
  /** Closes the connection when it would send the nth message; once. */
  dropAt?: number | null;
  validity?: number;
};

export type ImapServer = {
  readonly port: number;
  /** As they came, without their tags; passwords too. */
  readonly commands: readonly string[];
  close(): Promise<void>;
};

type Session = { buffer: string; write(text: string | Buffer): void; end(): void };

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export async function startImapServer(options: ImapServerOptions): Promise<ImapServer> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const state = { sent: 0 };
  const server = createServer((plain) => {
    sockets.add(plain);
    plain.on("error", () => {});
    plain.on("close", () => sockets.delete(plain));
    const socket = options.tls ? secureServer(plain) : plain;
    socket.on("error", () => {});
    const session: Session = {
      buffer: "",
      write: (text) => void socket.write(text),
      end: () => socket.destroy(),
    };
    session.write("* OK [CAPABILITY IMAP4rev1] here\r\n");
    socket.on("data", (chunk) => {
      session.buffer += chunk.toString("latin1");
      for (let end = session.buffer.indexOf("\r\n"); end >= 0; end = session.buffer.indexOf("\r\n")) {
        const line = session.buffer.slice(0, end);
        session.buffer = session.buffer.slice(end + 2);
        const [, tag = "", command = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
        commands.push(command);
        answer(options, state, session, tag, command);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    commands,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  options: ImapServerOptions,
  state: { sent: number },
  session: Session,
  tag: string,
  command: string,
): void {
  const ok = (detail = "done") => session.write(`${tag} OK ${detail}\r\n`);
  const no = (detail: string) => session.write(`${tag} NO ${detail}\r\n`);
  const { folder = "INBOX", messages, validity = 7 } = options;
  const verb = /^(UID )?\S+/.exec(command)?.[0].toUpperCase() ?? "";
  switch (verb) {
    case "CAPABILITY":
      session.write("* CAPABILITY IMAP4rev1\r\n");
      return ok();
    case "LOGIN": {
      const { user = "archive", password = "secret" } = options;
      const [, name, given] = /^LOGIN "?([^" ]*)"? "?([^"]*)"?$/i.exec(command) ?? [];
      return name === user && given === password ? ok() : no("[AUTHENTICATIONFAILED] Authentication failed.");
    }
    case "LIST":
      session.write(`* LIST () "/" ${command.endsWith('""') ? '""' : `"${folder}"`}\r\n`);
      return ok();
    case "EXAMINE":
      if (!command.includes(folder)) return no("[NONEXISTENT] Mailbox doesn't exist");
      session.write(
        `* FLAGS (\\Seen)\r\n* ${messages.length} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY ${validity}] .\r\n* OK [UIDNEXT 99999] .\r\n`,
      );
      return ok("[READ-ONLY]");
    case "UID SEARCH":
      if (options.noSearch) return no("cannot");
      session.write(`* SEARCH ${search(messages, command).join(" ")}\r\n`);
      return ok();
    case "FETCH":
    case "UID FETCH":
      return fetchMessages(options, state, session, command) ? ok() : session.end();
    case "LOGOUT":
      session.write("* BYE\r\n");
      ok();
      return session.end();
    default:
      return ok();
  }
}

function search(messages: readonly ImapMessage[], command: string): number[] {
  const [, day, month, year] = /SINCE (\d+)-(\w+)-(\d+)/i.exec(command) ?? [];
  const since = year ? Date.UTC(Number(year), MONTHS.indexOf(month ?? ""), Number(day)) : 0;
  const smaller = Number(/SMALLER (\d+)/i.exec(command)?.[1] ?? Number.MAX_SAFE_INTEGER);
  const larger = Number(/LARGER (\d+)/i.exec(command)?.[1] ?? -1);
  return messages
    .filter(({ at }) => (at?.getTime() ?? Number.MAX_SAFE_INTEGER) >= since)
    .filter(({ bytes }) => bytes.length < smaller && bytes.length > larger)
    .map(({ uid }) => uid);
}

/** False: the connection is to be closed. */
function fetchMessages(
  options: ImapServerOptions,
  state: { sent: number },
  session: Session,
  command: string,
): boolean {
  const ranges = (/FETCH (\S+)/i.exec(command)?.[1] ?? "").split(",").map((range) => {
    const [from = "", to = from] = range.split(":");
    return { from: Number(from), to: to === "*" ? Number.MAX_SAFE_INTEGER : Number(to) };
  });
  const wanted = (uid: number) => ranges.some(({ from, to }) => uid >= from && uid <= to);
  for (const [index, { uid, bytes }] of options.messages.entries()) {
    if (!wanted(uid)) continue;
    if (!/BODY\.PEEK\[\]/i.test(command)) {
      session.write(`* ${index + 1} FETCH (UID ${uid} RFC822.SIZE ${bytes.length})\r\n`);
      continue;
    }
    if (options.dropAt === ++state.sent) {
      options.dropAt = null;
      return false;
    }
    session.write(`* ${index + 1} FETCH (UID ${uid} BODY[] {${bytes.length}}\r\n`);
    session.write(bytes);
    session.write(")\r\n");
  }
  return true;
}
