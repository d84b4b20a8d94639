/**
 * Limits of a site, from ordered shaping rules: the first rule whose patterns cover every MX host of the site applies.
 * Matching is on MX host names, never on recipient domains: those move between providers.
 */

export type Limits = {
  /** Simultaneous connections. */
  readonly connections: number;
  /** Messages over one connection before it is closed. */
  readonly messagesPerConnection: number;
  /** Null: no limit. */
  readonly messagesPerHour: number | null;
};

export type ShapingRule = Limits & {
  readonly name: string;
  /** Host name patterns; `*` stands for any characters, `?` for one. */
  readonly mx: readonly string[];
};

/** The rule for these MX hosts; the last rule must match everything. */
export function ruleFor(rules: readonly ShapingRule[], mxHosts: readonly string[]): ShapingRule {
  const rule = rules.find((r) => mxHosts.every((host) => r.mx.some((pattern) => matchesMask(pattern, host))));
  if (!rule) throw new Error(`no shaping rule for ${mxHosts.join(", ")}: the last rule must have mx = ["*"]`);
  return rule;
}

/** `*` any characters, `?` one character; case does not matter. Linear: greedy match with one point of return. */
export function matchesMask(mask: string, text: string): boolean {
  const pattern = mask.toLowerCase();
  const subject = text.toLowerCase();
  let p = 0;
  let s = 0;
  let star = -1;
  let retry = 0;
  while (s < subject.length) {
    if (p < pattern.length && (pattern[p] === "?" || pattern[p] === subject[s])) {
      p++;
      s++;
    } else if (pattern[p] === "*") {
      star = p++;
      retry = s;
    } else if (star >= 0) {
      p = star + 1;
      s = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/**
 * This sender's share of a limit that `of` senders of one source share: shares add up to the limit exactly. The
 * remainder moves with the site, so that no sender gets the odd ones of all sites. May be 0.
 */
export function shareOf(limit: number, sender: number, of: number, site: string): number {
  let hash = 0;
  for (let i = 0; i < site.length; i++) hash = (hash * 31 + site.charCodeAt(i)) >>> 0;
  return Math.floor(limit / of) + ((sender + hash) % of < limit % of ? 1 : 0);
}
