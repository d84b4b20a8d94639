/**
 * The bytes of a POP3 connection (RFC 1939 §3): commands out, lines and multi-line answers in. The server is not trusted with our
 * memory or time: lines, lists and mails have bounds, every wait has one, and nothing is read ahead of what is used.
 */
import { isIP, connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { SECOND } from "../../core/time.ts";
import { errorCode, errorText } from "../../platform/errors.ts";
import { MailboxError } from "../../platform/mailbox.ts";

export const CONNECT_MS = 30 * SECOND;
export const SILENCE_MS = 60 * SECOND;
/** RFC 1939 §3 allows 512; some servers' greetings and challenges (RFC 5034 §4: 12,288) are longer. */
const LINE_MAX = 16 * 1024;
const LINES_MAX = 1_000_000;
/** Of a mail that is too large, so much is passed over before the server is given up. */
const DRAIN_MAX = 256 * 1024 * 1024;

const CRLF = "\r\n";
const [CR, LF, DOT] = [13, 10, 46];

export type WireOptions = {
  readonly host: string;
  readonly port: number;
  readonly implicitTls: boolean;
  readonly verifyCertificate: boolean;
  /** Milliseconds to wait for the next bytes. */
  readonly silence?: number;
};

export class Pop3Wire {
  readonly #options: WireOptions;
  #socket: Socket;
  #unwatch: () => void;
  #buffer: Buffer = Buffer.alloc(0);
  #failure: MailboxError | null = null;
  /** Whoever waits for something to happen. */
  #wake: (() => void) | null = null;

  private constructor(options: WireOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#unwatch = this.#watch(socket);
  }

  static async open(options: WireOptions): Promise<Pop3Wire> {
    const { host, port, implicitTls } = options;
    const socket = implicitTls
      ? connectTls({ ...tlsOptions(options), host, port })
      : connectPlain({ host, port, keepAlive: true });
    const wire = new Pop3Wire(options, socket);
    await wire.#until(implicitTls ? "secureConnect" : "connect", CONNECT_MS);
    return wire;
  }

  /** Whatever waits or comes later fails with that. The first reason counts. */
  fail(failure: MailboxError): void {
    this.#failure ??= failure;
    this.#buffer = Buffer.alloc(0);
    this.#socket.destroy();
    this.#wake?.();
  }

  write(line: string): void {
    this.#socket.write(`${line}${CRLF}`, "utf8");
  }

  /** Each character is a byte; without its end. */
  async readLine(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(LF);
      if (end > LINE_MAX || (end < 0 && this.#buffer.length > LINE_MAX)) throw this.#broken("a line has no end");
      if (end >= 0) {
        const line = this.#buffer.toString("latin1", 0, end > 0 && this.#buffer[end - 1] === CR ? end - 1 : end);
        this.#buffer = this.#buffer.subarray(end + 1);
        return line;
      }
      await this.#more();
    }
  }

  /** The lines of a list, up to its end (RFC 1939 §3). */
  async readList(take: (line: string) => void): Promise<void> {
    for (let count = 0; count <= LINES_MAX; count++) {
      const line = await this.readLine();
      if (line === ".") return;
      take(line.startsWith(".") ? line.slice(1) : line);
    }
    throw this.#broken(`a list has more than ${LINES_MAX} lines`);
  }

  /** A mail, its dots unstuffed and otherwise as it is; null: it has more bytes than that, and was passed over. */
  async readMail(maxBytes: number): Promise<Uint8Array | null> {
    const mail = new Gathered(maxBytes);
    for (let atLineStart = true; ; ) {
      if (mail.seen > DRAIN_MAX) throw this.#broken("a mail has no end");
      // enough to tell the end from a stuffed dot
      while (atLineStart && this.#buffer.length < 3 && couldBeEnd(this.#buffer)) await this.#more();
      if (atLineStart && this.#buffer[0] === DOT) {
        const isEnd = this.#buffer[1] === CR && this.#buffer[2] === LF;
        this.#buffer = this.#buffer.subarray(isEnd ? 3 : 1);
        if (isEnd) return mail.bytes();
      }
      const end = this.#buffer.indexOf(CRLF);
      atLineStart = end >= 0;
      // a CR at the end may be half of a line end
      const held = this.#buffer.at(-1) === CR ? 1 : 0;
      const length = atLineStart ? end + 2 : this.#buffer.length - held;
      mail.add(this.#buffer.subarray(0, length));
      this.#buffer = this.#buffer.subarray(length);
      if (!atLineStart) await this.#more();
    }
  }

  /** After the server agreed (RFC 2595 §4). What came before the handshake would be believed as if it had come after it: refused. */
  async startTls(): Promise<void> {
    if (this.#buffer.length > 0) throw this.#broken("something came in the clear where TLS begins");
    const plain = this.#socket;
    this.#unwatch();
    // what happens to it is told by the one above it
    plain.on("error", () => {});
    this.#socket = connectTls({ ...tlsOptions(this.#options), socket: plain });
    this.#unwatch = this.#watch(this.#socket);
    await this.#until("secureConnect", CONNECT_MS);
  }

  #watch(socket: Socket): () => void {
    const onError = (error: Error) => this.fail(this.#explain(error));
    const onClose = () => this.fail(new MailboxError("unreachable", "the server closed the connection"));
    const onData = (chunk: Buffer) => {
      socket.pause();
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
    };
    socket.on("error", onError).on("close", onClose).on("data", onData).pause();
    return () => socket.off("error", onError).off("close", onClose).off("data", onData);
  }

  async #more(): Promise<void> {
    const before = this.#buffer.length;
    this.#socket.resume();
    await this.#wait(() => this.#buffer.length > before, this.#options.silence ?? SILENCE_MS);
  }

  async #until(event: string, patience: number): Promise<void> {
    let happened = false;
    this.#socket.once(event, () => {
      happened = true;
      this.#wake?.();
    });
    await this.#wait(() => happened, patience);
  }

  async #wait(isReady: () => boolean, patience: number): Promise<void> {
    const timer = setTimeout(() => {
      const seconds = Math.round(patience / SECOND);
      this.fail(new MailboxError("unreachable", `the server has not answered for ${seconds} seconds`));
    }, patience);
    try {
      while (this.#failure === null && !isReady()) await new Promise<void>((resolve) => (this.#wake = resolve));
    } finally {
      clearTimeout(timer);
      this.#wake = null;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #broken(what: string): MailboxError {
    const failure = new MailboxError("protocol", `the server does not speak POP3 as it should: ${what}`);
    this.fail(failure);
    return failure;
  }

  #explain(error: Error): MailboxError {
    const { host, port } = this.#options;
    const isTls = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|DEPTH_|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(
      errorCode(error),
    );
    return new MailboxError(isTls ? "tls" : "unreachable", `${host}:${port}: ${errorText(error)}`, { cause: error });
  }
}

function tlsOptions({ host, verifyCertificate }: WireOptions) {
  // RFC 6066 §3: addresses are no server names
  return { host, rejectUnauthorized: verifyCertificate, ...(isIP(host) === 0 ? { servername: host } : {}) };
}

function couldBeEnd(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes[0] === DOT && (bytes.length === 1 || bytes[1] === CR));
}

/** A buffer that grows up to a bound; what comes beyond it is only counted. */
class Gathered {
  readonly #max: number;
  #buffer: Buffer = Buffer.allocUnsafe(16 * 1024);
  #seen = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get seen(): number {
    return this.#seen;
  }

  add(bytes: Buffer): void {
    const at = this.#seen;
    this.#seen += bytes.length;
    if (this.#seen > this.#max) return;
    if (this.#seen > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#max, Math.max(this.#seen, this.#buffer.length * 2)));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, at);
  }

  /** Null: more came than it holds. */
  bytes(): Uint8Array | null {
    return this.#seen > this.#max ? null : this.#buffer.subarray(0, this.#seen);
  }
}
