/**
 * Configuration: one documented key each, parsed once at start, all problems reported together.
 * Nothing else reads `process.env`.
 */
import { isIP } from "node:net";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";

import type { RelayProfile } from "../core/delivery/next.ts";
import { appError } from "./errors.ts";
import { parseSecretKey } from "./master-key.ts";
import { parseRelays, type Smarthost } from "./relays.ts";
import { parseNetwork } from "./network.ts";
import { parseWhole } from "./parse-whole.ts";

export type { Relay, Smarthost } from "./relays.ts";

export type Transport = "sandbox" | "relay" | "direct";
type Role = "web" | "worker" | "sender" | "inbound" | "sandbox";
const ROLES: readonly Role[] = ["web", "worker", "sender", "inbound", "sandbox"];

const RELAY_PROFILES: readonly RelayProfile[] = ["classic", "confirmed"];

type HostPort = { readonly host: string; readonly port: number };
/** Recipient domain (lower case, `*` for any) to server. */
export type Routes = Readonly<Record<string, HostPort>>;

export type Config = {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  /** Addresses and networks of reverse proxies in front of the web role. */
  readonly trustedProxies: readonly string[];
  readonly adminToken: string | null;
  /** 32 bytes in base64 or hexadecimal; null: the file in the data directory. */
  readonly secretKey: string | null;
  readonly transport: Transport;
  readonly relays: readonly Smarthost[];
  readonly relayProfile: RelayProfile;
  readonly routes: Routes;
  readonly senders: number;
  readonly roles: readonly Role[];
  readonly heloName: string | null;
  /** Names and addresses under which we take mail ourselves. */
  readonly ownHosts: readonly string[];
  /** Null: those of the system. */
  readonly dnsServers: readonly string[] | null;
  readonly dnsValidates: "loopback" | "always" | "never";
  /** Where mail for the bounce domain is taken; null: nowhere. */
  readonly inbound: HostPort | null;
  /** Files of its certificate and key; null: no STARTTLS. */
  readonly inboundTls: { readonly cert: string; readonly key: string } | null;
  /** File of what `reply-ID@sandbox.test` gets; null: the sandbox's own. */
  readonly sandboxReplies: string | null;
  /** Hosts, addresses and networks that webhooks may be at besides public ones. */
  readonly webhookHosts: readonly string[];
  readonly logLevel: string;
};

type Key = { readonly name: string; readonly default: string; readonly meaning: string };

/** What `envoi config` prints. The contract fixes the names. */
export const KEYS: readonly Key[] = [
  { name: "DATABASE_URL", default: "embedded, in the data directory", meaning: "PostgreSQL 15 or newer" },
  { name: "ENVOI_DATA_DIR", default: "./.data", meaning: "embedded database, journal, admin token, uploads" },
  { name: "HOST", default: "127.0.0.1", meaning: "address of the web role" },
  { name: "PORT", default: "8080", meaning: "port of the web role, 0 for any free one" },
  { name: "ENVOI_PUBLIC_URL", default: "http://HOST:PORT", meaning: "base of mirror, tracking and unsubscribe links" },
  {
    name: "ENVOI_TRUSTED_PROXIES",
    default: "none",
    meaning: "addresses or networks of reverse proxies whose X-Forwarded-For says who asks: 127.0.0.1,10.0.0.0/8",
  },
  { name: "ENVOI_ADMIN_TOKEN", default: "generated into DATA_DIR/admin-token", meaning: "first API token" },
  {
    name: "ENVOI_SECRET_KEY",
    default: "generated into DATA_DIR/secret-key",
    meaning: "32 bytes in base64 or hexadecimal: seals signing and token keys in the database",
  },
  { name: "ENVOI_TRANSPORT", default: "sandbox", meaning: "where mail goes: sandbox, relay or direct" },
  {
    name: "ENVOI_RELAY",
    default: "none",
    meaning:
      "for transport relay, and for deliveries that choose it: smtp://user:pass@host:port or smtps://…; several with blanks or commas between them, each with ?weight=3 if not all are equal",
  },
  {
    name: "ENVOI_RELAY_PROFILE",
    default: "classic",
    meaning:
      "what a relay took is sent (classic), or taken into account until its delivery report, handed in to /inbound, or the end of the validity period (confirmed)",
  },
  {
    name: "ENVOI_ROUTES",
    default: "none",
    meaning: "domain=host:port,*=host:port: server of a recipient domain instead of MX",
  },
  { name: "ENVOI_SENDERS", default: "cores − 1, at least 1", meaning: "number of sender processes" },
  { name: "ENVOI_ROLES", default: ROLES.join(","), meaning: "roles that this process runs" },
  { name: "ENVOI_HELO", default: "the host name", meaning: "name a sender gives in EHLO" },
  {
    name: "ENVOI_OWN_HOSTS",
    default: "none",
    meaning: "names and addresses under which this installation takes mail: an MX that leads there is a loop",
  },
  { name: "ENVOI_DNS", default: "those of the system", meaning: "DNS servers: 192.0.2.53,[2001:db8::53]:5353" },
  {
    name: "ENVOI_DNS_VALIDATES",
    default: "loopback",
    meaning: "whose word on DNSSEC counts, for DANE: loopback (a server on this machine), always, never",
  },
  {
    name: "ENVOI_INBOUND",
    default: "none",
    meaning: "address:port where the inbound role takes mail for the bounce domain: 0.0.0.0:25, [::]:2525",
  },
  {
    name: "ENVOI_INBOUND_TLS",
    default: "none",
    meaning: "certificate and key of that port in PEM: /path/cert.pem,/path/key.pem; without them there is no STARTTLS",
  },
  {
    name: "ENVOI_SANDBOX_REPLIES",
    default: "none",
    meaning: "file of replies (JSON lines with id and text) that the sandbox gives to reply-ID@sandbox.test",
  },
  {
    name: "ENVOI_WEBHOOK_HOSTS",
    default: "none",
    meaning: "hosts, addresses or networks that webhooks may be at besides public ones: hooks.internal,10.0.0.0/8",
  },
  { name: "ENVOI_LOG_LEVEL", default: "info", meaning: "trace, debug, info, warn, error, silent" },
];

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the environment. Throws `config-invalid` with every problem found. */
export function loadConfig(env: Env): Config {
  const problems: string[] = [];
  const get = (name: string) => env[name]?.trim() || null;
  const read = <T>(name: string, fallback: T, parse: (text: string) => T | string): T => {
    const text = get(name);
    if (text === null) return fallback;
    const value = parse(text);
    if (typeof value !== "string" || value === text) return value as T;
    problems.push(`${name}: ${value}`);
    return fallback;
  };
  const host = get("HOST") ?? "127.0.0.1";
  const port = read("PORT", 8080, (t) => parseWhole(t, 0, 65535));
  const transport = read<Transport>("ENVOI_TRANSPORT", "sandbox", (t) =>
    t === "sandbox" || t === "relay" || t === "direct" ? t : `"${t}" is not sandbox, relay or direct`,
  );
  const relays = read<readonly Smarthost[]>("ENVOI_RELAY", [], parseRelays);
  const roles = read<readonly Role[]>("ENVOI_ROLES", ROLES, parseRoles);
  if (transport === "relay" && relays.length === 0 && get("ENVOI_RELAY") === null)
    problems.push("ENVOI_RELAY: is needed for ENVOI_TRANSPORT=relay");
  const config: Config = {
    databaseUrl: get("DATABASE_URL"),
    dataDir: resolve(get("ENVOI_DATA_DIR") ?? "./.data"),
    host,
    port,
    publicUrl: read("ENVOI_PUBLIC_URL", `http://${host.includes(":") ? `[${host}]` : host}:${port}`, checkPublicUrl),
    trustedProxies: read<readonly string[]>("ENVOI_TRUSTED_PROXIES", [], parseNetworks),
    adminToken: get("ENVOI_ADMIN_TOKEN"),
    secretKey: read<string | null>("ENVOI_SECRET_KEY", null, (t) =>
      // The value itself stays out of every message.
      parseSecretKey(t) ? t : "is not 32 bytes in base64 or hexadecimal (openssl rand -base64 32 makes one)",
    ),
    transport,
    relays,
    relayProfile: read<RelayProfile>(
      "ENVOI_RELAY_PROFILE",
      "classic",
      (t) => RELAY_PROFILES.find((profile) => profile === t) ?? `"${t}" is not ${RELAY_PROFILES.join(" or ")}`,
    ),
    routes: read<Routes>("ENVOI_ROUTES", {}, (t) => parseRoutes(t.split(","))),
    senders: read("ENVOI_SENDERS", Math.max(1, availableParallelism() - 1), (t) => parseWhole(t, 1, 256)),
    roles,
    heloName: get("ENVOI_HELO"),
    ownHosts: splitList(get("ENVOI_OWN_HOSTS") ?? ""),
    dnsServers: read<readonly string[] | null>("ENVOI_DNS", null, parseDnsServers),
    dnsValidates: read<Config["dnsValidates"]>("ENVOI_DNS_VALIDATES", "loopback", (t) =>
      t === "loopback" || t === "always" || t === "never" ? t : `"${t}" is not loopback, always or never`,
    ),
    inbound: read<HostPort | null>("ENVOI_INBOUND", null, parseListen),
    inboundTls: read<Config["inboundTls"]>("ENVOI_INBOUND_TLS", null, (t) => {
      const [cert, key, ...more] = splitList(t);
      return cert && key && more.length === 0 ? { cert, key } : "is not /path/cert.pem,/path/key.pem";
    }),
    sandboxReplies: get("ENVOI_SANDBOX_REPLIES"),
    webhookHosts: read<readonly string[]>("ENVOI_WEBHOOK_HOSTS", [], parseWebhookHosts),
    logLevel: get("ENVOI_LOG_LEVEL") ?? "info",
  };
  if (problems.length > 0) throw appError("config-invalid", { problems: problems.join("; ") });
  return config;
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function parseDnsServers(text: string): readonly string[] | string {
  const servers = splitList(text);
  const wrong = servers.find((server) => {
    const [, v6, port] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(server) ?? [];
    const [v4, v4Port] = server.split(":");
    const isServer = v6 === undefined ? isIP(v4 ?? "") === 4 || isIP(server) === 6 : isIP(v6) === 6;
    return !isServer || Number(port ?? (isIP(server) === 6 ? 53 : (v4Port ?? 53))) > 65_535;
  });
  if (servers.length === 0) return "names no server";
  return wrong === undefined ? servers : `"${wrong}" is no address such as 192.0.2.53 or [2001:db8::53]:5353`;
}

/** Names as URLs have them, and networks. */
function parseWebhookHosts(text: string): readonly string[] | string {
  const hosts = splitList(text).map((host) => host.toLowerCase());
  const wrong = hosts.find((host) => parseNetwork(host) === null && !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host));
  return wrong === undefined ? hosts : `"${wrong}" is no host name, address or network such as 10.0.0.0/8`;
}

/** `address:port`, IPv6 in brackets; port 0 for any free one. */
function parseListen(text: string): HostPort | string {
  const [, host = "", port = ""] = /^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === "" || Number(port) > 65_535) return `"${text}" is not address:port`;
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function checkPublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBase = url && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "" && url.username === "";
  return isBase ? text : "is not http(s)://name, with a path at most";
}

function parseNetworks(text: string): readonly string[] | string {
  const networks = text.split(",").map((t) => t.trim());
  const wrong = networks.find((network) => {
    const [address = "", bits, ...more] = network.split("/");
    const family = isIP(address);
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
    return family === 0 || !isPrefix || more.length > 0;
  });
  return wrong === undefined ? networks : `"${wrong}" is no address and no network such as 10.0.0.0/8`;
}

function parseRoles(text: string): readonly Role[] | string {
  const names = text.split(",").map((t) => t.trim());
  const unknown = names.find((name) => !ROLES.includes(name as Role));
  return unknown === undefined ? (names as Role[]) : `"${unknown}" is none of ${ROLES.join(", ")}`;
}

/** Each `domain=host:port`; IPv6 hosts in brackets. A string is the problem. */
export function parseRoutes(texts: readonly string[]): Routes | string {
  const routes: Record<string, HostPort> = {};
  for (const text of texts) {
    const match = /^\s*([^=\s]+)=(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):(\d{1,5})\s*$/.exec(text);
    const port = Number(match?.[3]);
    if (!match?.[1] || !match[2] || port < 1 || port > 65535)
      return `"${text}" is not domain=host:port (or *=host:port)`;
    routes[match[1].toLowerCase()] = { host: match[2].replace(/^\[|\]$/g, ""), port };
  }
  return routes;
}
