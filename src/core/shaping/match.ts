/**
 * Which provider a site belongs to and which MX rule applies to it. Both go by the MX host names of the site, all of which
 * must match, and never by recipient domains: those move between providers.
 */
import { coversMask, matchesMask } from "./match-masks.ts";
import { OTHER_PROVIDER, type MxRule, type Provider } from "./rule.ts";

/** Name of the first provider whose masks cover every MX host, else `other`. */
export function providerOf(providers: readonly Provider[], mxHosts: readonly string[]): string {
  if (mxHosts.length === 0) return OTHER_PROVIDER;
  return providers.find(({ mx }) => coversHosts(mx, mxHosts))?.name ?? OTHER_PROVIDER;
}

/** The first rule for these MX hosts and this source (null: the system chooses the address); the last must match everything. */
export function mxRuleOf(rules: readonly MxRule[], mxHosts: readonly string[], sourceId: number | null): MxRule {
  const rule = rules.find((one) => matchesRule(one, mxHosts, sourceId));
  if (!rule) throw new Error(`no MX rule for ${mxHosts.join(", ")}: the last rule must have mx = ["*"]`);
  return rule;
}

export function matchesRule(
  rule: Pick<MxRule, "mx" | "sources">,
  mxHosts: readonly string[],
  sourceId: number | null,
): boolean {
  const { sources } = rule;
  if (sources !== null && (sourceId === null || sourceId < sources.from || sourceId > sources.to)) return false;
  return coversHosts(rule.mx, mxHosts);
}

function coversHosts(masks: readonly string[], hosts: readonly string[]): boolean {
  return hosts.every((host) => masks.some((mask) => matchesMask(mask, host)));
}

/** Whether the earlier rule takes all that the later one is for, so that this one never applies. Yes is certain. */
export function hidesRule(earlier: Pick<MxRule, "mx" | "sources">, later: Pick<MxRule, "mx" | "sources">): boolean {
  const { sources } = earlier;
  const inRange =
    sources === null ||
    (later.sources !== null && sources.from <= later.sources.from && later.sources.to <= sources.to);
  return inRange && later.mx.every((mask) => earlier.mx.some((wide) => coversMask(wide, mask)));
}
