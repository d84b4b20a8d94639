/**
 * Asks DNS servers until one answers: silent, refusing, failing and lame ones are passed over, twice round at most. A reply
 * counts when it came from the server asked, with the id and the question sent.
 */
import { randomInt } from "node:crypto";

import type { Duration, Instant } from "../../core/time.ts";
import { type Edns, type Question, readReply, type Reply, writeQuestion } from "./dns-message.ts";
import { createServers, type Server, type TrustAd } from "./dns-servers.ts";
import { createSlots } from "./lookup-cache.ts";
import { type Exchange, type Exchanged, overTcp, overUdp } from "./exchange.ts";

export type ClientOptions = {
  /** `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`; null: those of the system. */
  readonly servers: readonly string[] | null;
  /** For one try. */
  readonly timeout: Duration;
  readonly trustAd: TrustAd;
  /** Monotonic. */
  readonly now: () => Instant;
};

export type Asked =
  /** The name exists or not; `isSecure`: a server that we trust validated that. */
  | { readonly kind: "reply"; readonly reply: Reply; readonly isSecure: boolean }
  | { readonly kind: "failed"; readonly detail: string };

export type Client = {
  ask(question: Question): Promise<Asked>;
  /** Whether anything can be secure: a server is there whose word about DNSSEC counts. */
  validates(): boolean;
  /** Ends questions that are under way: they fail. */
  close(): void;
};

type Tried =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "silent" }
  | { readonly kind: "failed"; readonly detail: string };

const CLOSED: Tried = { kind: "failed", detail: "closed" };

const ROUNDS = 2;
/** As many datagrams as a server's socket holds before it drops some. */
const AT_ONCE = 256;
const NO_ERROR = 0;
const FORMAT_ERROR = 1;
const NAME_ERROR = 3;
const NOT_IMPLEMENTED = 4;
const BAD_VERSION = 16;
const RCODES: Readonly<Record<number, string>> = {
  [FORMAT_ERROR]: "FORMERR",
  2: "SERVFAIL",
  [NOT_IMPLEMENTED]: "NOTIMP",
  5: "REFUSED",
  [BAD_VERSION]: "BADVERS",
};

export function createClient({ servers: configured, timeout, trustAd, now }: ClientOptions): Client {
  const servers = createServers(configured, trustAd, now);
  const underWay = new Set<() => void>();
  const slots = createSlots(AT_ONCE);
  let isClosed = false;

  return {
    ask: async (question) => {
      const troubles = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const server of servers.inOrder()) {
          const tried = await slots.run(async (): Promise<Tried> => {
            return isClosed ? CLOSED : tryServer(server, question, { timeout, underWay });
          });
          if (tried.kind === "silent") servers.wasSilent(server);
          else servers.answered(server);
          const trouble = troubleOf(tried);
          if (tried.kind === "reply" && trouble === null) {
            return { kind: "reply", reply: tried.reply, isSecure: server.isTrusted && tried.reply.isAuthentic };
          }
          troubles.add(`${server.address} ${trouble}`);
        }
      }
      return { kind: "failed", detail: [...troubles].join(", ") || "no DNS server is known" };
    },
    validates: () => servers.validates(),
    close: () => {
      isClosed = true;
      for (const cancel of underWay) cancel();
    },
  };
}

/** Null: it answered the question. */
function troubleOf(tried: Tried): string | null {
  switch (tried.kind) {
    case "silent":
      return "does not answer";
    case "failed":
      return tried.detail;
    case "reply": {
      const { rcode, isLame } = tried.reply;
      if (rcode === NAME_ERROR) return null;
      if (rcode !== NO_ERROR) return `answers ${RCODES[rcode] ?? `error ${rcode}`}`;
      return isLame ? "is not responsible (lame)" : null;
    }
  }
}

type TryOptions = Pick<Exchange<Reply>, "timeout" | "underWay">;

/** Signatures are asked for only where it counts that they were checked: replies with them are several times as long. */
async function tryServer(server: Server, question: Question, options: TryOptions): Promise<Tried> {
  const edns = server.isTrusted ? "dnssec" : "plain";
  const tried = await trySize(server, question, edns, options);
  // RFC 6891 §7: an old server that does not know EDNS.
  const isTooNew = tried.kind === "reply" && [FORMAT_ERROR, NOT_IMPLEMENTED, BAD_VERSION].includes(tried.reply.rcode);
  return isTooNew ? trySize(server, question, "none", options) : tried;
}

async function trySize(server: Server, question: Question, edns: Edns, options: TryOptions): Promise<Tried> {
  const id = randomInt(0x10000);
  const query = writeQuestion(id, question, edns);
  const read = (bytes: Buffer) => {
    const reply = readReply(bytes, id, question);
    return reply === "foreign" ? null : reply;
  };
  const exchange = { server, query, read, ...options };
  const answered = toTried(await overUdp(exchange));
  if (answered.kind !== "reply" || !answered.reply.isTruncated) return answered;
  const whole = toTried(await overTcp(exchange));
  return whole.kind === "reply" && whole.reply.isTruncated
    ? { kind: "failed", detail: "cuts its reply off over TCP too" }
    : whole;
}

function toTried(exchanged: Exchanged<Reply | "malformed">): Tried {
  if (exchanged.kind !== "reply") return exchanged;
  const { reply } = exchanged;
  return reply === "malformed" ? { kind: "failed", detail: "sends what cannot be read" } : { kind: "reply", reply };
}
