/** An SPF record with all that it refers to: every include, every address, and what looking them up costs (RFC 7208 §4.6.4). */
import { askAddresses, type Answer, type RecordResolver } from "./dns-answers.ts";
import { hasMacro, isSpf, parseSpf, type SpfTerm } from "./spf-record.ts";

export type SpfNode = {
  readonly domain: string;
  readonly state:
    | { readonly kind: "record"; readonly text: string; readonly terms: readonly LoadedTerm[] }
    | { readonly kind: "none" }
    | { readonly kind: "several"; readonly texts: readonly string[] }
    | { readonly kind: "invalid"; readonly text: string; readonly detail: string }
    | { readonly kind: "failed"; readonly detail: string }
    /** Not followed: far beyond the limit already. */
    | { readonly kind: "cut" };
};

/** Who a term lets send. */
export type LoadedTerm = {
  readonly term: SpfTerm;
  readonly hosts:
    | { readonly kind: "addresses"; readonly addresses: readonly string[] }
    | { readonly kind: "record"; readonly node: SpfNode }
    /** Only the message itself decides (macros, ptr, exists). */
    | { readonly kind: "depends" }
    | { readonly kind: "failed"; readonly detail: string }
    /** More MX hosts than receivers look up. */
    | { readonly kind: "too-many" };
};

export type SpfTree = {
  readonly root: SpfNode;
  /** Terms that make a receiver ask DNS, in the worst case: when no earlier one matches. */
  readonly lookups: number;
  /** Look-ups that found nothing. */
  readonly voids: number;
};

export const MAX_LOOKUPS = 10;
/** Followed beyond the limit, to tell by how much a record misses it; a hostile one goes on for ever. */
const FOLLOWED = 2 * MAX_LOOKUPS;
const MAX_MX_HOSTS = 10;

type Budget = { lookups: number; voids: number };

export async function loadSpf(resolver: RecordResolver, domain: string): Promise<SpfTree> {
  const budget: Budget = { lookups: 0, voids: 0 };
  const root = await loadNode(resolver, domain, await resolver.txt(domain), budget);
  return { root, ...budget };
}

async function loadNode(
  resolver: RecordResolver,
  domain: string,
  answer: Answer<string>,
  budget: Budget,
): Promise<SpfNode> {
  if (answer.kind === "failed") return { domain, state: { kind: "failed", detail: answer.detail } };
  const texts = answer.kind === "records" ? answer.records.filter(isSpf) : [];
  const [text] = texts;
  if (text === undefined) return { domain, state: { kind: "none" } };
  if (texts.length > 1) return { domain, state: { kind: "several", texts } };
  const record = parseSpf(text);
  if (record.kind === "invalid") return { domain, state: { ...record, text } };
  const terms: LoadedTerm[] = [];
  // One after the other: the order decides which look-ups are beyond the limit.
  for (const term of inOrder(record.terms))
    terms.push({ term, hosts: await loadHosts(resolver, domain, term, budget) });
  return { domain, state: { kind: "record", text, terms } };
}

/** What is looked at, and when: nothing after `all` (§5.1), a redirect after everything else and not with `all` (§6.1). */
function inOrder(terms: readonly SpfTerm[]): readonly SpfTerm[] {
  const all = terms.findIndex((term) => term.kind === "all");
  const read = all < 0 ? terms : terms.slice(0, all + 1);
  const redirects = read.filter((term) => term.kind === "redirect");
  return [...read.filter((term) => term.kind !== "redirect"), ...(all < 0 ? redirects : [])];
}

async function loadHosts(
  resolver: RecordResolver,
  domain: string,
  term: SpfTerm,
  budget: Budget,
): Promise<LoadedTerm["hosts"]> {
  if (!("domain" in term)) return { kind: "addresses", addresses: [] };
  budget.lookups++;
  const name = term.domain ?? domain;
  if (term.kind === "ptr" || term.kind === "exists" || hasMacro(name)) return { kind: "depends" };
  if (budget.lookups > FOLLOWED) {
    return term.kind === "a" || term.kind === "mx"
      ? { kind: "too-many" }
      : { kind: "record", node: { domain: name, state: { kind: "cut" } } };
  }
  if (term.kind === "include" || term.kind === "redirect") {
    const answer = counted(await resolver.txt(name), budget);
    return { kind: "record", node: await loadNode(resolver, name, answer, budget) };
  }
  if (term.kind === "a") return asHosts(counted(await askAddresses(resolver, name), budget));
  return loadMxHosts(resolver, counted(await resolver.mx(name), budget), budget);
}

async function loadMxHosts(
  resolver: RecordResolver,
  answer: Awaited<ReturnType<RecordResolver["mx"]>>,
  budget: Budget,
): Promise<LoadedTerm["hosts"]> {
  if (answer.kind !== "records") return asHosts(answer);
  if (answer.records.length > MAX_MX_HOSTS) return { kind: "too-many" };
  const hosts = answer.records.filter((record) => record.host !== "");
  const answers = await Promise.all(hosts.map((record) => askAddresses(resolver, record.host)));
  const failed = answers.find((each) => each.kind === "failed");
  if (failed) return failed;
  const addresses = answers.flatMap((each) => {
    const found = counted(each, budget);
    return found.kind === "records" ? found.records : [];
  });
  return { kind: "addresses", addresses };
}

function asHosts(answer: Answer<string>): LoadedTerm["hosts"] {
  if (answer.kind === "failed") return answer;
  return { kind: "addresses", addresses: answer.kind === "records" ? answer.records : [] };
}

function counted<T>(answer: Answer<T>, budget: Budget): Answer<T> {
  if (answer.kind === "no-records" || answer.kind === "no-such-name") budget.voids++;
  return answer;
}
