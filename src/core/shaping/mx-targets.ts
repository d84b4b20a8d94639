/**
 * Which of a domain's MX records mail can go to: a null MX (RFC 7505), names that are none, ourselves (RFC 5321 §5.1).
 * Strangers write these records.
 */
import type { MxTarget } from "./mx.ts";

export type MxRecord = {
  /** Lower case without the dot of the root: empty is the root itself. */
  readonly exchange: string;
  readonly preference: number;
};

/** An MX host that gets no mail, and why: a half sentence about it. */
export type IgnoredMx = { readonly host: string; readonly why: string };

export type MxChoice = {
  /** The best ones, each once, by preference and name. */
  readonly targets: readonly MxTarget[];
  readonly ignored: readonly IgnoredMx[];
  readonly isNullMx: boolean;
};

/** Nobody tries more; the others would cost look-ups. */
const MAX_TARGETS = 20;

export function chooseTargets(records: readonly MxRecord[]): MxChoice {
  const preferences = new Map<string, number>();
  const ignored = new Map<string, string>();
  for (const { exchange, preference } of records) {
    if (exchange === "") continue;
    const why = whyNoHost(exchange);
    if (why) ignored.set(exchange, why);
    else preferences.set(exchange, Math.min(preference, preferences.get(exchange) ?? preference));
  }
  const targets = [...preferences]
    .map(([host, preference]) => ({ host, preference }))
    .sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
  for (const { host } of targets.slice(MAX_TARGETS)) ignored.set(host, `comes after ${MAX_TARGETS} better ones`);
  return {
    targets: targets.slice(0, MAX_TARGETS),
    // As hostile as the rest: named in logs, so not all of a thousand.
    ignored: [...ignored].slice(0, MAX_TARGETS).map(([host, why]) => ({ host, why })),
    // RFC 7505 §3: a null MX stands alone; beside others it means nothing.
    isNullMx: records.length > 0 && records.every(({ exchange }) => exchange === ""),
  };
}

/**
 * RFC 5321 §5.1: hosts that are ourselves go, and with them all of the same or a worse preference: those would bring the
 * mail back to us.
 */
export function withoutLoops(
  targets: readonly MxTarget[],
  isOurs: (host: string) => boolean,
): Pick<MxChoice, "targets" | "ignored"> {
  const ours = targets.filter(({ host }) => isOurs(host));
  const limit = Math.min(...ours.map(({ preference }) => preference));
  return {
    targets: targets.filter(({ preference }) => preference < limit),
    ignored: targets
      .filter(({ preference }) => preference >= limit)
      .map(({ host }) => ({ host, why: isOurs(host) ? "is ourselves" : "would bring the mail back to us" })),
  };
}

/** RFC 6761, RFC 6762, RFC 8375 and names that networks give themselves: they mean another machine for each who asks. */
const LOCAL = /(^|\.)(localhost|localdomain|local|internal|home\.arpa|invalid|onion)$/;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

function whyNoHost(name: string): string | null {
  const labels = name.split(".");
  // No top-level domain consists of digits: `192.0.2.1` is an address where RFC 5321 §5 wants a name.
  if (/^\[.*\]$|:/.test(name) || /^\d+$/.test(labels.at(-1) ?? "")) return "is an address where a name belongs";
  if (name.length > 253 || !labels.every((label) => LABEL.test(label))) return "is no host name";
  if (labels.length === 1 || LOCAL.test(name)) return "is a local name";
  return null;
}
