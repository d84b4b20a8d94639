/**
 * A mailbox by POP3 (RFC 1939; CAPA RFC 2449, STLS RFC 2595, AUTH RFC 5034). What is marked with DELE goes only with the QUIT that the
 * server agrees to, so a connection that breaks deletes nothing.
 */
import { MINUTE } from "../../core/time.ts";
import {
  type Fetched,
  type ListedMail,
  MailboxError,
  type MailboxServer,
  type MailboxSession,
  type Removed,
} from "../../platform/mailbox.ts";
import { Pop3Wire } from "./pop3-wire.ts";

/** Whatever still goes on then breaks. */
export const SESSION_MS = 30 * MINUTE;
/** RFC 1939 §7: 70 characters at most; some servers give more. */
const UID = /^[\x21-\x7e]{1,200}$/;

type Answer = { readonly ok: boolean; readonly text: string };
type Capabilities = ReadonlyMap<string, readonly string[]>;

export async function openPop3(server: MailboxServer, signal?: AbortSignal): Promise<MailboxSession> {
  const wire = await Pop3Wire.open({ ...server, implicitTls: server.tls === "implicit" });
  const stop = () => wire.fail(new MailboxError("stopped", "the look was stopped"));
  const timer = setTimeout(() => wire.fail(new MailboxError("unreachable", "the server takes too long")), SESSION_MS);
  const close = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    stop();
  };
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    const capabilities = await begin(wire, server);
    await logIn(wire, server, capabilities);
  } catch (error) {
    close();
    throw error;
  }
  return {
    list: () => list(wire),
    fetch: (refs, maxBytes) => fetchMails(wire, refs, maxBytes),
    removeAndEnd: (refs) => removeAndEnd(wire, refs).finally(close),
    close,
  };
}

/** Up to the login. */
async function begin(wire: Pop3Wire, { tls }: MailboxServer): Promise<Capabilities> {
  const greeting = await readAnswer(wire);
  if (!greeting.ok) throw refused("the server takes no connection", greeting);
  const capabilities = await readCapabilities(wire);
  if (tls !== "starttls") return capabilities;
  const answer = await ask(wire, "STLS");
  if (!answer.ok) throw new MailboxError("tls", `the server does not begin TLS (STLS): ${answer.text}`);
  await wire.startTls();
  // RFC 2595 §4: what was known before is forgotten
  return readCapabilities(wire);
}

/** None: the server does not tell (RFC 2449 is newer than POP3). */
async function readCapabilities(wire: Pop3Wire): Promise<Capabilities> {
  const capabilities = new Map<string, readonly string[]>();
  if (!(await ask(wire, "CAPA")).ok) return capabilities;
  await wire.readList((line) => {
    const [name = "", ...words] = line.toUpperCase().split(" ");
    if (capabilities.size < 100) capabilities.set(name, words);
  });
  return capabilities;
}

async function logIn(wire: Pop3Wire, { user, login }: MailboxServer, capabilities: Capabilities): Promise<void> {
  if (login.kind === "token") {
    const token = `user=${user}\u0001auth=Bearer ${login.accessToken}\u0001\u0001`;
    return authenticate(wire, "XOAUTH2", token, login.accessToken);
  }
  const { password } = login;
  if (capabilities.get("SASL")?.includes("PLAIN")) {
    return authenticate(wire, "PLAIN", `\0${user}\0${password}`, password);
  }
  const known = await ask(wire, `USER ${user}`);
  if (!known.ok) throw loginRefused(known, password);
  const answer = await ask(wire, `PASS ${password}`);
  if (!answer.ok) throw loginRefused(answer, password);
}

/** In two steps, because tokens are longer than the 255 bytes that a command may have (RFC 5034 §4). */
async function authenticate(wire: Pop3Wire, mechanism: string, response: string, secret: string): Promise<void> {
  wire.write(`AUTH ${mechanism}`);
  const challenge = await wire.readLine();
  if (!/^\+( |$)/.test(challenge)) throw loginRefused(toAnswer(challenge), secret);
  wire.write(Buffer.from(response, "utf8").toString("base64"));
  const line = await wire.readLine();
  if (!/^\+( |$)/.test(line)) {
    const answer = toAnswer(line);
    if (!answer.ok) throw loginRefused(answer, secret);
    return;
  }
  // XOAUTH2 tells its trouble in one more challenge, which wants an empty answer before the refusal comes
  const detail = Buffer.from(line.slice(2), "base64").toString("utf8");
  const { text } = await ask(wire, "");
  throw loginRefused({ ok: false, text: `${text} ${printable(detail)}`.trim() }, secret);
}

async function list(wire: Pop3Wire): Promise<readonly ListedMail[]> {
  const mails = new Map<number, ListedMail>();
  const sizes = await ask(wire, "LIST");
  if (!sizes.ok) throw refused("the server lists nothing", sizes);
  await wire.readList((line) => {
    const [, number, size] = /^(\d{1,9}) +(\d{1,15})/.exec(line) ?? [];
    if (number !== undefined) mails.set(Number(number), { ref: Number(number), uid: null, size: Number(size) });
  });
  if (!(await ask(wire, "UIDL")).ok) return [...mails.values()];
  const uids = new Map<number, string>();
  await wire.readList((line) => {
    const [, number, uid = ""] = /^(\d{1,9}) +(\S+)/.exec(line) ?? [];
    if (number !== undefined && UID.test(uid)) uids.set(Number(number), uid);
  });
  const real = realUids(uids);
  return [...mails.values()].map((mail) => ({ ...mail, uid: real.get(mail.ref) ?? null }));
}

/** Without those that several mails have; none when they are but the numbers of the session, as some servers give. */
function realUids(uids: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  if ([...uids].every(([number, uid]) => String(number) === uid)) return new Map();
  const counts = new Map<string, number>();
  for (const uid of uids.values()) counts.set(uid, (counts.get(uid) ?? 0) + 1);
  return new Map([...uids].filter(([, uid]) => counts.get(uid) === 1));
}

async function* fetchMails(wire: Pop3Wire, refs: readonly number[], maxBytes: number): AsyncGenerator<Fetched> {
  for (const ref of refs) {
    const answer = await ask(wire, `RETR ${ref}`);
    yield { ref, mail: answer.ok ? ((await wire.readMail(maxBytes)) ?? "too-large") : "gone" };
  }
}

async function removeAndEnd(wire: Pop3Wire, refs: readonly number[]): Promise<Removed> {
  const kept = new Set<number>();
  let why: string | null = null;
  for (const ref of refs) {
    const answer = await ask(wire, `DELE ${ref}`);
    if (answer.ok) continue;
    kept.add(ref);
    why = answer.text;
  }
  const bye = await ask(wire, "QUIT");
  if (!bye.ok) throw refused("the server did not delete what it agreed to delete", bye);
  return { kept, why };
}

async function ask(wire: Pop3Wire, command: string): Promise<Answer> {
  // users and passwords stand in commands: no line may end in one
  if (/[\r\n\0]/.test(command)) throw new MailboxError("login", "user and password are of one line");
  wire.write(command);
  return readAnswer(wire);
}

const readAnswer = async (wire: Pop3Wire) => toAnswer(await wire.readLine());

function toAnswer(line: string): Answer {
  const [, status, text = ""] = /^(\+OK|-ERR)(?: (.*))?$/i.exec(line) ?? [];
  if (status !== undefined) return { ok: status.toUpperCase() === "+OK", text: printable(text) };
  throw new MailboxError("protocol", `that is no POP3 server; it says: ${printable(line)}`);
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 300);
}

function refused(what: string, { text }: Answer): MailboxError {
  return new MailboxError("refused", `${what}: ${text}`);
}

/** RFC 2449 §8, RFC 3206: the password may be right, and the mailbox busy. */
function loginRefused({ text }: Answer, secret: string): MailboxError {
  const said = text.replaceAll(secret, "***");
  return /^\[(IN-USE|LOGIN-DELAY|SYS\/)/i.test(said)
    ? new MailboxError("refused", `the server lets nobody in now: ${said}`)
    : new MailboxError("login", `user, password or token refused: ${said}`);
}
