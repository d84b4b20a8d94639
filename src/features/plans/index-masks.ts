/**
 * Which of many rules or providers can be for a host at all, found by its last two labels: a plan asks for tens of thousands of sites, and
 * nearly all masks end in a domain (`*.mail.protection.outlook.com`).
 */
type Masked = { readonly mx: readonly string[] };

/** Those whose masks may cover these hosts, in their order. Whether they do is for core/shaping/match.ts to say. */
export function indexMasks<T extends Masked>(items: readonly T[]): (mxHosts: readonly string[]) => readonly T[] {
  const anywhere: number[] = [];
  const byDomain = new Map<string, number[]>();
  items.forEach((item, i) => {
    const domains = item.mx.map(domainOfMask);
    if (domains.includes(null)) anywhere.push(i);
    else for (const domain of new Set(domains)) push(byDomain, domain ?? "", i);
  });
  const known = new Map<string, readonly T[]>();
  const general = pick(items, anywhere);
  return (mxHosts) => {
    const domain = lastTwo((mxHosts[0] ?? "").toLowerCase());
    const own = byDomain.get(domain);
    if (own === undefined) return general;
    const found = known.get(domain) ?? pick(items, [...anywhere, ...own]);
    known.set(domain, found);
    return found;
  };
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function pick<T>(items: readonly T[], indexes: readonly number[]): T[] {
  const chosen = new Set(indexes);
  return items.filter((_, i) => chosen.has(i));
}

/** The last two labels of every host that the mask matches; null: they may differ. */
function domainOfMask(mask: string): string | null {
  const tail = mask.toLowerCase().replace(/^.*[*?]/, "");
  const isFixed = tail.length === mask.length || tail.split(".").length > 2;
  return isFixed ? lastTwo(tail) : null;
}

function lastTwo(host: string): string {
  return host.split(".").slice(-2).join(".");
}
