/** A connection to an IMAP server, not opened yet: what all who read mailboxes agree on. */
import { ImapFlow, type ImapFlowOptions } from "imapflow";

import { type Duration, SECOND } from "../../core/time.ts";

const CONNECT_MS = 30 * SECOND;
/** Bytes of a line without a mail in it. */
const LINE_MAX = 4 * 1024 * 1024;
const LITERAL_MAX = 128 * 1024 * 1024;

export type ImapClientOptions = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly implicitTls: boolean;
  /** Without implicit TLS. */
  readonly startTls: "required" | "if-offered" | "never";
  readonly verifyCertificate: boolean;
  readonly auth:
    | { readonly user: string; readonly pass: string }
    | { readonly user: string; readonly accessToken: string };
  /** Bytes of a mail, whatever was asked for; without a word 128 MB. */
  readonly literalMax?: number;
  /** For so long nothing happens on it. */
  readonly silence: Duration;
};

export function createImapClient(options: ImapClientOptions): ImapFlow {
  const { host, port, implicitTls, startTls, verifyCertificate, auth, silence, literalMax = LITERAL_MAX } = options;
  const tls: Partial<ImapFlowOptions> =
    implicitTls || startTls === "if-offered" ? {} : { doSTARTTLS: startTls === "required" };
  const client = new ImapFlow({
    host,
    port,
    secure: implicitTls,
    auth,
    ...tls,
    tls: { rejectUnauthorized: verifyCertificate },
    logger: false,
    disableAutoIdle: true,
    // what is unpacked has no bound
    disableCompression: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: silence,
    maxLineLength: LINE_MAX,
    maxLiteralSize: literalMax,
    // with what stands around it
    maxResponseSize: literalMax + LINE_MAX,
  });
  // what breaks is seen by the command that waits
  client.on("error", () => {});
  return client;
}
