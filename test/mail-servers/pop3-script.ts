/** A small POP3 server (RFC 1939) for tests: one user, mails in memory, and a hook by which it misbehaves. */
import { createServer, type Socket } from "node:net";

import { secureServer } from "../dialogues/loopback.ts";

export type Pop3Mail = { readonly uid: string; readonly bytes: Buffer; readonly size?: number };

export type Pop3Options = {
  readonly user?: string;
  readonly password?: string;
  /** Access token that lets in. */
  token?: string;
  mails: Pop3Mail[];
  /** Lines of CAPA; null: it does not know CAPA. */
  readonly capabilities?: readonly string[] | null;
  readonly noUidl?: boolean;
  /** Certificate that nobody trusts. */
  readonly tls?: "implicit" | "starttls";
  readonly greeting?: string;
  /** Bytes instead of the answer; null: the connection ends; undefined: as usual. */
  misbehave?: (command: string) => string | Buffer | null | undefined;
};

export type Pop3Server = { readonly port: number; readonly commands: string[]; close(): Promise<void> };

type Session = { socket: Socket; deleted: Set<number>; challenged: string | null; isIn: boolean };

export async function startPop3Server(options: Pop3Options): Promise<Pop3Server> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (plain) => {
    sockets.add(plain);
    plain.on("error", () => {});
    plain.on("close", () => sockets.delete(plain));
    const socket = options.tls === "implicit" ? secureServer(plain) : plain;
    const session: Session = { socket, deleted: new Set(), challenged: null, isIn: false };
    socket.write(options.greeting ?? "+OK here\r\n");
    converse(options, session, commands);
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

function converse(options: Pop3Options, session: Session, commands: string[]): void {
  let buffer = "";
  session.socket.on("data", (chunk) => {
    buffer += chunk.toString("utf8");
    for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
      const command = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      commands.push(command);
      const instead = options.misbehave?.(command);
      if (instead === null) session.socket.destroy();
      else if (instead !== undefined) session.socket.write(instead);
      else answer(options, session, command, commands);
    }
  });
}

function answer(options: Pop3Options, session: Session, command: string, commands: string[]): void {
  const {
    mails,
    user = "bounces",
    password = "secret",
    capabilities = ["USER", "SASL PLAIN XOAUTH2", "UIDL"],
  } = options;
  const say = (text: string) => session.socket.write(`${text}\r\n`);
  const letIn = (ok: boolean) => {
    session.isIn = ok;
    say(ok ? "+OK in" : "-ERR [AUTH] no such user or password");
  };
  if (session.challenged !== null) {
    const given = Buffer.from(command, "base64").toString("utf8");
    const mechanism = session.challenged;
    session.challenged = mechanism === "XOAUTH2" ? "" : null;
    if (mechanism === "") return letIn(((session.challenged = null), false));
    if (mechanism === "PLAIN") return letIn(given === `\0${user}\0${password}`);
    const isGood = given === `user=${user}\u0001auth=Bearer ${options.token}\u0001\u0001`;
    if (!isGood) return void say(`+ ${Buffer.from('{"status":"401"}').toString("base64")}`);
    session.challenged = null;
    return letIn(true);
  }
  const [verb = "", word = ""] = command.split(" ");
  const shown = mails.flatMap((mail, index) => (session.deleted.has(index) ? [] : [{ ...mail, number: index + 1 }]));
  switch (verb) {
    case "CAPA":
      if (capabilities === null) return void say("-ERR what?");
      return void say(["+OK", ...capabilities, "."].join("\r\n"));
    case "STLS":
      if (options.tls !== "starttls") return void say("-ERR what?");
      say("+OK begin");
      session.socket.removeAllListeners("data");
      session.socket = secureServer(session.socket);
      return converse(options, session, commands);
    case "AUTH":
      session.challenged = word;
      return void say("+ ");
    case "USER":
      return void say("+OK");
    case "PASS":
      return letIn(command === `PASS ${password}`);
    case "LIST":
      return void say(
        ["+OK", ...shown.map((mail) => `${mail.number} ${mail.size ?? mail.bytes.length}`), "."].join("\r\n"),
      );
    case "UIDL":
      if (options.noUidl) return void say("-ERR what?");
      return void say(["+OK", ...shown.map(({ number, uid }) => `${number} ${uid}`), "."].join("\r\n"));
    case "RETR": {
      const mail = shown.find(({ number }) => String(number) === word);
      return void session.socket.write(mail ? retrieved(mail.bytes) : "-ERR no such mail\r\n");
    }
    case "DELE":
      session.deleted.add(Number(word) - 1);
      return void say("+OK");
    case "QUIT":
      options.mails = mails.filter((_, index) => !session.deleted.has(index));
      return void session.socket.end("+OK bye\r\n");
    default:
      return void say("-ERR what?");
  }
}

/** With stuffed dots; a mail's last line has an end. */
export function retrieved(bytes: Buffer): Buffer {
  const text = `\r\n${bytes.toString("latin1")}`.replaceAll("\r\n.", "\r\n..").slice(2);
  return Buffer.from(`+OK\r\n${text}${text === "" || text.endsWith("\r\n") ? "" : "\r\n"}.\r\n`, "latin1");
}
