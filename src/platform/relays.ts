/** The relays of the transport `relay`, as the configuration writes them. */
import { parseWhole } from "./parse-whole.ts";

export type Relay = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`). */
  readonly implicitTls: boolean;
  readonly user: string | null;
  readonly password: string | null;
};

/** One of the relays of the transport `relay`. */
export type Smarthost = Relay & {
  /** Its share of the connections among the others'. */
  readonly weight: number;
};

/** Blanks or commas between them; those inside a URL are part of it where no URL follows. A string is the problem. */
export function parseRelays(text: string): readonly Smarthost[] | string {
  const relays: Smarthost[] = [];
  for (const url of text.split(/[\s,]+(?=[a-z][a-z0-9+.-]*:\/\/)/i)) {
    const relay = parseRelay(url);
    if (typeof relay === "string") return relay;
    if (relays.some(({ host, port }) => host === relay.host && port === relay.port)) {
      return `${relay.host}:${relay.port} is named twice; ?weight=2 gives it twice as much`;
    }
    relays.push(relay);
  }
  return relays;
}

/** `smtp://user:pass@host:port?weight=1`; the port is 587 for smtp and 465 for smtps unless given. */
function parseRelay(text: string): Smarthost | string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHost = url && /^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname);
  // The value itself, with its password, stays out of every message.
  const shown = text.replace(/\/\/.*@/s, "//…@");
  if (!isHost || !/^smtps?:$/.test(url.protocol) || !/^\/?$/.test(url.pathname) || url.hash !== "") {
    return `"${shown}" is not smtp://user:pass@host:port or smtps://…`;
  }
  const weight = parseWhole(url.searchParams.get("weight") ?? "1", 1, 1000);
  if (typeof weight === "string") return `"${shown}": weight ${weight}`;
  const unknown = [...url.searchParams.keys()].filter((key) => key !== "weight");
  if (unknown.length > 0) return `"${shown}": ${unknown.join(", ")} is not known, only weight is`;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === null || password === null) return `"${shown}": user or password has a % that is not %25 or another code`;
  const implicitTls = url.protocol === "smtps:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port ? Number(url.port) : implicitTls ? 465 : 587,
    implicitTls,
    user: user || null,
    password: password || null,
    weight,
  };
}

/** Null: not percent-encoded as it should be. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
