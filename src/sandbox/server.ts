/**
 * The sandbox internet: one listener that is every provider, known by the recipient's domain, and one more for each provider
 * and each `connect-…` domain, where connections themselves can be refused.
 *
 * A server of its own and not `smtp-server`, because that one sets enhanced codes for all replies or none, cannot give multi-line
 * replies from a handler or drop a connection amid content, and spends a stream per message and a write per reply, which
 * would make the sandbox, not the sender, the limit of every measurement. No STARTTLS: Node cannot make a certificate.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { CONNECT_DOMAINS, connectPlanFor, type ConnectPlan } from "../core/sandbox/connect.ts";
import type { SandboxProfile } from "../core/sandbox/plan-for.ts";
import type { Provider } from "../core/sandbox/provider.ts";
import { OTHERS, PROVIDERS } from "../core/sandbox/providers.ts";
import { REPLIES } from "../core/sandbox/replies.ts";
import type { NamedReplies } from "../core/sandbox/reply-file.ts";
import type { Finished } from "../core/sandbox/session.ts";
import type { Instant } from "../core/time.ts";
import { appError, errorCode } from "../platform/errors.ts";
import { type Counts, serve, type Shared } from "./connection.ts";
import { type LaterReport, makeReports } from "./later.ts";
import { loadReplies } from "./load-replies.ts";

const MAX_CONNECTIONS = 4000;
const GREET: ConnectPlan = { kind: "greet", wait: 0 };
const TOO_MANY: ConnectPlan = { kind: "refuse", reply: REPLIES.tooManyConnections };

/** One accepted message for one recipient. */
export type SandboxMessage = {
  readonly at: Instant;
  readonly mailFrom: string;
  readonly rcptTo: string;
  readonly domain: string;
  readonly raw: Uint8Array;
};

export type SandboxOptions = {
  /** Default: loopback. */
  readonly host?: string;
  /** Of the listener for all domains; 0, the default, is any free one. */
  readonly port?: number;
  readonly profile: SandboxProfile;
  /** What `reply-ID@…` gets; default: those that come with the sandbox. */
  readonly replies?: NamedReplies;
  /** Listeners per provider too (any free ports); default true. With profile `accept` there are none. */
  readonly providerPorts?: boolean;
  readonly now?: () => Instant;
  /** What was accepted since the last call, at most once per turn of the event loop. */
  readonly onMessages?: (batch: readonly SandboxMessage[]) => void;
  /** A mail that comes back later; without it none are made. */
  readonly onLater?: (report: LaterReport) => void;
};

export type SandboxStats = Readonly<Counts> & {
  readonly connections: number;
  readonly open: number;
  /** Reports made, due or delivered. */
  readonly reports: number;
};

type HostPort = { readonly host: string; readonly port: number };

export type Sandbox = {
  readonly host: string;
  readonly port: number;
  /** Port that speaks for the domain: its provider's own, or the one for all. */
  readonly portFor: (domain: string) => number;
  /** Where mail goes, per recipient domain; `*` is any other. */
  readonly routes: () => Record<string, HostPort>;
  readonly stats: () => SandboxStats;
  readonly close: () => Promise<void>;
};

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = "127.0.0.1", profile } = options;
  const counts: Counts = { accepted: 0, bytes: 0, refused: 0, deferred: 0, dropped: 0 };
  const totals = { connections: 0, reports: 0 };
  const replies = options.replies ?? (await loadReplies());
  const shared = makeShared({ ...options, replies }, counts, () => (totals.reports += 1));
  const listeners = openListeners(host, shared, () => (totals.connections += 1));
  try {
    const port = await listeners.add(options.port ?? 0, OTHERS, () => GREET);
    const ports = new Map<string, number>();
    if (profile !== "accept" && options.providerPorts !== false) {
      for (const provider of PROVIDERS) {
        const own = await listeners.add(0, provider, (n) => connectPlanFor(provider, n));
        for (const domain of provider.domains) ports.set(domain, own);
      }
      for (const [domain, plan] of Object.entries(CONNECT_DOMAINS)) {
        ports.set(domain, await listeners.add(0, OTHERS, () => plan));
      }
    }
    const routes = [...ports].map(([domain, own]) => [domain, { host, port: own }] as const);
    return {
      host,
      port,
      portFor: (domain) => ports.get(domain.toLowerCase()) ?? port,
      routes: () => Object.fromEntries([["*", { host, port }] as const, ...routes]),
      stats: () => ({ ...counts, ...totals, open: listeners.open() }),
      close: listeners.close,
    };
  } catch (error) {
    await listeners.close();
    throw error;
  }
}

function openListeners(host: string, shared: Shared, onConnection: () => void) {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  return {
    open: () => sockets.size,
    /** Listens for a provider; `connect` says how its n-th connection begins. The port in use. */
    add: async (port: number, provider: Provider, connect: (n: number) => ConnectPlan): Promise<number> => {
      let n = 0;
      const server = createServer((socket) => {
        onConnection();
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        serve(socket, provider, sockets.size > MAX_CONNECTIONS ? TOO_MANY : connect(n++), shared);
      });
      servers.push(server);
      return listening(server, host, port);
    },
    close: async (): Promise<void> => {
      const closed = servers.map((server) => new Promise((done) => server.close(done)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

type Ready = SandboxOptions & { readonly replies: NamedReplies };

function makeShared(options: Ready, counts: Counts, onReport: () => void): Shared {
  const { onMessages, onLater, now = Date.now } = options;
  let batch: SandboxMessage[] = [];
  let ids = 0;
  const handOver = () => {
    const full = batch;
    batch = [];
    onMessages?.(full);
  };
  const take = (finished: Finished, raw: Buffer) => {
    const at = now();
    for (const { address, domain, plan } of finished.accepted) {
      counts.accepted += 1;
      counts.bytes += raw.length;
      if (onMessages) {
        if (batch.length === 0) setImmediate(handOver);
        batch.push({ at, mailFrom: finished.mailFrom, rcptTo: address, domain, raw });
      }
      // nobody reports to the empty return path (RFC 5321 §6.1)
      if (plan.kind === "later" && onLater && finished.mailFrom !== "") {
        for (const report of makeReports(plan, { at, mailFrom: finished.mailFrom, recipient: address, raw })) {
          onReport();
          onLater(report);
        }
      }
    }
  };
  return {
    world: { profile: options.profile, replies: options.replies, history: new Map(), buckets: new Map() },
    now,
    counts,
    held: 0,
    nextId: () => (++ids).toString(36).toUpperCase().padStart(6, "0"),
    take,
  };
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(errorCode(error) === "EADDRINUSE" ? appError("port-in-use", { host, port }) : error);
    });
    server.listen({ host, port, backlog: 1024 }, () => {
      // out of file descriptors: that connection is lost, the listener is not
      server.on("error", () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** One line for the terminal. */
export function formatStats(stats: SandboxStats): string {
  return [
    `accepted ${stats.accepted}`,
    `refused ${stats.refused}`,
    `deferred ${stats.deferred}`,
    `dropped ${stats.dropped}`,
    `reports ${stats.reports}`,
    `connections ${stats.connections} (${stats.open} open)`,
    `${(stats.bytes / 1e6).toFixed(1)} MB`,
  ].join(" · ");
}
