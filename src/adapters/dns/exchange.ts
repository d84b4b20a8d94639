/**
 * One question to one server: a datagram from a port of its own (a forged reply must guess port and id), TCP when the reply did not fit.
 * Only what comes from the server's address and port gets here: the socket is connected.
 */
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";

import type { Duration } from "../../core/time.ts";
import { errorCode, errorText } from "../../platform/errors.ts";
import type { Server } from "./dns-servers.ts";

export type Exchanged<T> =
  | { readonly kind: "reply"; readonly reply: T }
  /** Nothing usable came in time. */
  | { readonly kind: "silent" }
  | { readonly kind: "failed"; readonly detail: string };

export type Exchange<T> = {
  readonly server: Server;
  readonly query: Buffer;
  /** Null: not the reply, wait on. */
  readonly read: (bytes: Buffer) => T | null;
  readonly timeout: Duration;
  /** What is under way, to be ended early. */
  readonly underWay: Set<() => void>;
};

/** Share of the time after which the same datagram is sent once more. */
const RESEND_AT = 0.25;

type Ending<T> = { readonly end: (result: Exchanged<T>) => void; readonly isOver: () => boolean };

/** Ends once: by what was read, by an error, by time or from outside. */
function untilEnd<T>(
  { timeout, underWay }: Exchange<T>,
  begin: (ending: Ending<T>) => { readonly close: () => void },
): Promise<Exchanged<T>> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (result: Exchanged<T>) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      underWay.delete(cancel);
      socket.close();
      resolve(result);
    };
    const cancel = () => end({ kind: "failed", detail: "cancelled" });
    const timer = setTimeout(() => end({ kind: "silent" }), timeout);
    underWay.add(cancel);
    const socket = begin({ end, isOver: () => isOver });
  });
}

const failure = (error: Error) => ({ kind: "failed", detail: errorCode(error) ?? errorText(error) }) as const;

export function overUdp<T>(exchange: Exchange<T>): Promise<Exchanged<T>> {
  const { server, query, read } = exchange;
  return untilEnd(exchange, ({ end, isOver }) => {
    const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
    socket.on("error", (error) => end(failure(error)));
    socket.on("message", (bytes) => {
      const reply = isOver() ? null : read(bytes);
      if (reply !== null) end({ kind: "reply", reply });
    });
    const send = () => {
      if (!isOver()) socket.send(query);
    };
    socket.once("connect", send);
    // Datagrams get lost. A server that is still looking takes this one for the same question.
    const again = setTimeout(send, exchange.timeout * RESEND_AT);
    socket.connect(server.port, server.address);
    return {
      close: () => {
        clearTimeout(again);
        socket.close();
      },
    };
  });
}

/** RFC 7766 §8: two bytes of length before each message. */
export function overTcp<T>(exchange: Exchange<T>): Promise<Exchanged<T>> {
  const { server, query, read } = exchange;
  return untilEnd(exchange, ({ end }) => {
    const socket = connect(server.port, server.address);
    let bytes = Buffer.alloc(0);
    socket.on("error", (error) => end(failure(error)));
    socket.on("close", () => end({ kind: "failed", detail: "connection closed" }));
    socket.on("data", (more) => {
      bytes = Buffer.concat([bytes, more]);
      if (bytes.length < 2 || bytes.length < bytes.readUInt16BE(0) + 2) return;
      const reply = read(bytes.subarray(2, bytes.readUInt16BE(0) + 2));
      end(reply === null ? { kind: "failed", detail: "the reply is to another question" } : { kind: "reply", reply });
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
    return { close: () => void socket.destroy() };
  });
}
