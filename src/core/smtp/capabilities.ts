/** What a server offers in its answer to EHLO (RFC 5321 §4.1.1.1). After STARTTLS only the second answer counts. */
import type { Reply } from "./outcome.ts";

export type Capabilities = {
  /** RFC 2920. */
  readonly pipelining: boolean;
  /** RFC 6152. */
  readonly eightBitMime: boolean;
  /** RFC 6531. */
  readonly smtpUtf8: boolean;
  /** RFC 3207. */
  readonly startTls: boolean;
  /** RFC 2034. */
  readonly enhancedStatusCodes: boolean;
  /** RFC 3030. */
  readonly chunking: boolean;
  /** RFC 3461. */
  readonly dsn: boolean;
  /** Transactions that one connection may have (RFC 9422); null: the server does not say. RCPTMAX is kept by one recipient each. */
  readonly mailMax: number | null;
  /** RFC 1870: null when not offered, 0 when offered without a limit. */
  readonly size: number | null;
  /** RFC 4954, upper case. */
  readonly auth: readonly string[];
};

/** A server that knows only HELO. */
export const NO_CAPABILITIES: Capabilities = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  startTls: false,
  enhancedStatusCodes: false,
  chunking: false,
  dsn: false,
  mailMax: null,
  size: null,
  auth: [],
};

/** The first line is the greeting; keywords may come in any case. `AUTH=LOGIN` is the form of servers older than RFC 2554. */
export function parseCapabilities(reply: Reply): Capabilities {
  const offered = new Map<string, string[]>();
  for (const line of reply.lines.slice(1)) {
    const [keyword = "", ...params] = line
      .trim()
      .toUpperCase()
      .replace(/^AUTH=/, "AUTH ")
      .split(/\s+/);
    offered.set(keyword, [...(offered.get(keyword) ?? []), ...params]);
  }
  return {
    pipelining: offered.has("PIPELINING"),
    eightBitMime: offered.has("8BITMIME"),
    smtpUtf8: offered.has("SMTPUTF8"),
    startTls: offered.has("STARTTLS"),
    enhancedStatusCodes: offered.has("ENHANCEDSTATUSCODES"),
    chunking: offered.has("CHUNKING"),
    dsn: offered.has("DSN"),
    mailMax: readMailMax(offered.get("LIMITS") ?? []),
    size: offered.has("SIZE") ? readSize(offered.get("SIZE")?.[0]) : null,
    auth: offered.get("AUTH") ?? [],
  };
}

function readSize(param: string | undefined): number {
  return param !== undefined && /^\d{1,15}$/.test(param) ? Number(param) : 0;
}

/** RFC 9422 §4.1: at most six digits, the first not zero; what is written otherwise is no limit. */
function readMailMax(limits: readonly string[]): number | null {
  const found = limits.map((limit) => /^MAILMAX=([1-9]\d{0,5})$/.exec(limit)?.[1]).find((value) => value !== undefined);
  return found === undefined ? null : Number(found);
}
