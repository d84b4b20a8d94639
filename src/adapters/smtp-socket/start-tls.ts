/** TLS over a connected socket. Contexts are shared: making one reads all certificate authorities and takes milliseconds. */
import type { Socket } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";

export type TlsOptions = {
  /** Null for a server known by its address only. */
  readonly servername: string | null;
  /** False: any certificate will do, as with opportunistic TLS between MTAs (RFC 7435). */
  readonly isVerified: boolean;
  /** PEM; null: the authorities of Node. */
  readonly ca: string | null;
};

const contexts = new Map<string | null, SecureContext>();

export function startTls(socket: Socket, options: TlsOptions): TLSSocket {
  return connect({
    socket,
    secureContext: contextFor(options.ca),
    rejectUnauthorized: options.isVerified,
    ...(options.servername === null ? {} : { servername: options.servername }),
  });
}

function contextFor(ca: string | null): SecureContext {
  const known = contexts.get(ca);
  if (known) return known;
  const context = createSecureContext(ca === null ? {} : { ca });
  contexts.set(ca, context);
  return context;
}
