/**
 * TLS over a connected socket. Contexts are shared: making one reads all certificate authorities and takes milliseconds.
 * TLS sessions are taken up again (RFC 8446 §2.2, RFC 5077): a new one costs a millisecond of CPU and a round trip more.
 */
import type { Socket } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";

import { errorText } from "../../platform/errors.ts";
import { BoundedMap } from "./bounded-map.ts";

export type TlsOptions = {
  /** Name of the server, or its address where it has none: what its certificate must be for, and what SNI says. */
  readonly host: string;
  readonly isNamed: boolean;
  readonly port: number;
  /** False: any certificate will do, as with opportunistic TLS between MTAs (RFC 7435). */
  readonly isVerified: boolean;
  /** PEM; null: the authorities of Node. */
  readonly ca: string | null;
  /** Looks at the certificates in another way once the handshake is done; a text says why they will not do. */
  readonly verifyPeer: ((peer: TLSSocket) => string | null) | null;
};

export type StartedTls = {
  readonly socket: TLSSocket;
  /** An earlier TLS session was offered to the server. */
  readonly isResuming: boolean;
};

/** A ticket with a certificate has a few kilobytes. */
const MAX_TICKETS = 1000;

const contexts = new Map<string | null, SecureContext>();
const tickets = new BoundedMap<Buffer>(MAX_TICKETS);

/** `onSecured` has null, or why the server is not the one that it should be. Failed handshakes end the socket. */
export function startTls(plain: Socket, options: TlsOptions, onSecured: (problem: string | null) => void): StartedTls {
  const { host, isNamed, isVerified, ca, verifyPeer } = options;
  const key = ticketKey(options);
  const ticket = key === null ? undefined : tickets.get(key);
  const socket = connect({
    socket: plain,
    host,
    secureContext: contextFor(ca),
    rejectUnauthorized: isVerified,
    ...(isNamed ? { servername: host } : {}),
    ...(ticket ? { session: ticket } : {}),
  });
  // Before TLS 1.3 the ticket comes before the certificate was looked at. One of the wrong server must never be kept: with
  // a session that is taken up again the name is not compared again.
  let early: Buffer | null = null;
  let isSecured = false;
  socket.on("session", (fresh) => {
    if (key === null) return;
    if (isSecured) tickets.set(key, fresh);
    else early = fresh;
  });
  socket.once("secureConnect", () => {
    isSecured = true;
    if (key !== null && early !== null) tickets.set(key, early);
    onSecured(verifyPeer === null ? null : problemWith(socket, verifyPeer));
  });
  // Whatever ends a handshake may have to do with the ticket: the next one begins anew.
  socket.once("close", () => {
    if (!isSecured && key !== null) tickets.delete(key);
  });
  return { socket, isResuming: ticket !== undefined };
}

/** Certificates are anybody's bytes: one that cannot be read is no reason to end the process. */
function problemWith(socket: TLSSocket, verifyPeer: (peer: TLSSocket) => string | null): string | null {
  try {
    return verifyPeer(socket);
  } catch (error) {
    return `the server's certificates cannot be read: ${errorText(error)}`;
  }
}

/** `TLSv1.3 TLS_AES_256_GCM_SHA384`. */
export function describeTls(socket: TLSSocket): string {
  return `${socket.getProtocol() ?? "TLS"} ${socket.getCipher().standardName}`;
}

/** Null: every connection shows its certificates, because somebody looks at all of them. */
function ticketKey({ host, port, isVerified, ca, verifyPeer }: TlsOptions): string | null {
  return verifyPeer === null ? JSON.stringify([host, port, isVerified, ca]) : null;
}

function contextFor(ca: string | null): SecureContext {
  const known = contexts.get(ca);
  if (known) return known;
  const context = createSecureContext(ca === null ? {} : { ca });
  contexts.set(ca, context);
  return context;
}
