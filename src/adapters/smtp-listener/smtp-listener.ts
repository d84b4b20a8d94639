/**
 * A mail server that only receives (RFC 5321): what is known as a recipient is taken, and answered for only when it is kept. Bounded in
 * connections, mails and bytes, each remote address apart, because everybody may come.
 */
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

import { MINUTE } from "../../core/time.ts";
import { createRates } from "./rates.ts";

export type ReceivedMail = {
  readonly remote: string;
  /** Empty: the null return path. */
  readonly returnPath: string;
  readonly recipients: readonly string[];
  readonly raw: Uint8Array;
};

export type ListenerOptions = {
  readonly host: string;
  readonly port: number;
  /** After the greeting, and of the certificate. */
  readonly name: string;
  /** PEM; null: no STARTTLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly maxBytes: number;
  /** Rejects when it cannot be known now. */
  readonly isRecipient: (address: string) => Promise<boolean>;
  /** Resolves when the mail is kept. */
  readonly store: (mail: ReceivedMail) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<Limits>;
};

export type Limits = {
  /** All connections, and those of one remote address. */
  readonly connections: number;
  readonly connectionsEach: number;
  /** Of one remote address. */
  readonly mailsPerMinute: number;
  /** Of mails that are not kept yet, all together. */
  readonly bytes: number;
};

const LIMITS: Limits = { connections: 200, connectionsEach: 20, mailsPerMinute: 600, bytes: 256 * 1024 * 1024 };
/** One bounce is for one; a mail to more comes in several transactions. */
const MAX_RECIPIENTS = 10;

export type Listener = { readonly port: number; close(): Promise<void> };

/** Resolves when it listens. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const limits = { ...LIMITS, ...options.limits };
  const rates = createRates(limits, MINUTE);
  const budget = { used: 0 };
  const server = new SMTPServer({
    name: options.name,
    banner: "Envoi",
    size: options.maxBytes,
    rejectOversized: true,
    ...options.tls,
    disabledCommands: options.tls === null ? ["AUTH", "STARTTLS"] : ["AUTH"],
    disableReverseLookup: true,
    maxClients: limits.connections,
    socketTimeout: 5 * MINUTE,
    closeTimeout: 1000,
    logger: false,
    onConnect: ({ remoteAddress }, callback) =>
      callback(rates.connect(remoteAddress) ? null : refusal(421, "4.7.0 too many connections from your address")),
    onClose: ({ remoteAddress }) => rates.leave(remoteAddress),
    onMailFrom: (_, { remoteAddress }, callback) =>
      callback(
        rates.take(remoteAddress) ? null : refusal(451, "4.7.1 too many mails from your address; try again later"),
      ),
    onRcptTo: ({ address }, { envelope }, callback) => {
      if (envelope.rcptTo.length >= MAX_RECIPIENTS) return callback(refusal(452, "4.5.3 too many recipients"));
      options.isRecipient(address).then(
        (known) => callback(known ? null : refusal(550, "5.1.1 no such mailbox here")),
        (error: unknown) => {
          options.onError(error);
          callback(refusal(451, "4.3.0 it cannot be known now whether there is such a mailbox"));
        },
      );
    },
    onData: (stream, session, callback) => {
      receive(options, limits, budget, stream, session).then(
        (problem) => callback(problem, problem === null ? "2.0.0 kept" : undefined),
        (error: unknown) => {
          options.onError(error);
          callback(refusal(451, "4.3.0 the mail could not be kept; try again later"));
        },
      );
    },
  });
  // Connections that break are their servers' trouble.
  server.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const address = server.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Reads to the end in any case, as SMTP asks for. Null: kept; else what the server is told. */
async function receive(
  { maxBytes, store }: ListenerOptions,
  limits: Limits,
  budget: { used: number },
  stream: SMTPServerDataStream,
  { remoteAddress, envelope }: SMTPServerSession,
): Promise<Error | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isCrowded = false;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (size > maxBytes || isCrowded) continue;
      if (budget.used + chunk.length > limits.bytes) {
        isCrowded = true;
        continue;
      }
      budget.used += chunk.length;
      size += chunk.length;
      chunks.push(chunk);
    }
    if (stream.sizeExceeded || size > maxBytes) return refusal(552, "5.3.4 the mail is too large");
    if (isCrowded) return refusal(452, "4.3.1 too much mail at once; try again later");
    const returnPath = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
    const recipients = envelope.rcptTo.map(({ address }) => address);
    await store({ remote: remoteAddress, returnPath, recipients, raw: Buffer.concat(chunks) });
    return null;
  } finally {
    budget.used -= size;
  }
}

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}
