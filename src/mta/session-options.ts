/** How one source may be connected to the servers of a destination: address families, TLS, time-outs. */
import { isLoopback } from "../core/address/is-loopback.ts";
import type { MxRule } from "../core/shaping/rule.ts";
import { tlsPlanFor, type TlsPlan } from "../core/smtp/tls-policy.ts";
import type { Destination, RoutedTarget } from "./routing.ts";
import type { SessionOptions, Target } from "./session-port.ts";
import type { SendingSource } from "./source-book.ts";

type Site = Extract<Destination, { kind: "site" }>;

/** Servers in the order to try them, without those that this source cannot reach or must not use now. */
export function usableTargets(
  destination: Site,
  source: SendingSource,
  rule: MxRule,
  random: () => number,
): readonly RoutedTarget[] {
  const isAnywhere = source.v4 === null && source.v6 === null;
  const families = { v4: isAnywhere || source.v4 !== null, v6: isAnywhere || source.v6 !== null, first: "v4" } as const;
  const targets = destination.targets(random, families);
  if (targets.every(({ sts, dane }) => sts === "no-policy" && dane.kind === "none")) return targets;
  return targets.filter((target) => planOf(target, destination, rule).policy !== "unusable");
}

/** Of destinations, by source and what is asked of TLS: looked at once and not for each message. */
const reachable = new WeakMap<Site, Map<string, boolean>>();

/** Whether this source can reach any server of the destination. */
export function canReach(destination: Site, source: SendingSource, rule: MxRule): boolean {
  if (destination.variant === "" && source.v4 === null && source.v6 === null) return true;
  let known = reachable.get(destination);
  if (!known) reachable.set(destination, (known = new Map()));
  const key = `${source.v4} ${source.v6} ${rule.tls}`;
  let can = known.get(key);
  if (can === undefined) known.set(key, (can = usableTargets(destination, source, rule, () => 0).length > 0));
  return can;
}

export function sessionFor(
  target: Target,
  { destination, source, rule }: { destination: Site; source: SendingSource; rule: MxRule },
): Omit<SessionOptions, "target" | "maxMessages"> {
  const { relay } = destination;
  const plan = relay === null ? planOf(target as RoutedTarget, destination, rule) : null;
  return {
    relay,
    source: boundTo(source.v4, target),
    sourceV6: boundTo(source.v6, target),
    helo: source.helo,
    tls: plan && plan.policy !== "unusable" ? plan.policy : relayTls(destination, rule),
    daneRecords: plan?.daneRecords ?? null,
    tlsName: plan?.tlsName ?? null,
    timeouts: rule.timeouts,
    dotTimeout: null,
  };
}

/** From an address of the world no connection can be made to this machine itself. */
function boundTo(address: string | null, { host, address: at }: Target): string | null {
  return address !== null && isLoopback(at ?? host) && !isLoopback(address) ? null : address;
}

function planOf({ sts, dane }: Pick<RoutedTarget, "sts" | "dane">, { relay }: Site, { tls }: MxRule): TlsPlan {
  const asked = relay === null ? null : { implicitTls: relay.implicitTls, sendsPassword: relay.user !== null };
  return tlsPlanFor({ rule: tls, sts, dane, brokenTls: false, relay: asked });
}

/** A login has its own rule (session-port.ts); without one the MX rule may ask for more than usual. */
function relayTls({ relay }: Site, { tls }: MxRule): SessionOptions["tls"] {
  return relay === null || relay.user !== null || relay.implicitTls || tls === "opportunistic" ? null : tls;
}
