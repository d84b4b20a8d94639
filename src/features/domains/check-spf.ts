/** Whether SPF lets this installation send for a domain (RFC 7208). Pure: the record with all it refers to is loaded before. */
import { BlockList, isIPv4 } from "node:net";

import { quote, type Said, type SendingWay } from "./expectation.ts";
import { type LoadedTerm, MAX_LOOKUPS, type SpfNode, type SpfTree } from "./spf-tree.ts";

/** §2.6; `depends`: only a real message tells. */
export type SpfResult = "pass" | "fail" | "softfail" | "neutral" | "none" | "permerror" | "temperror" | "depends";

type BrokenState = Exclude<SpfNode["state"], { readonly kind: "record" }>;

/** §4.6.4 */
const MAX_VOIDS = 2;
const RESULTS = { "+": "pass", "-": "fail", "~": "softfail", "?": "neutral" } as const;

/** `isReturnPath`: receivers ask about this domain; otherwise a missing record harms little. */
export function checkSpf(tree: SpfTree, way: SendingWay, isReturnPath: boolean): Said {
  const { root, lookups, voids } = tree;
  const expected = expectedRecord(way);
  if (root.state.kind !== "record") return sayBroken(root.domain, root.state, expected, isReturnPath);
  const found = `${quote(root.state.text)}, ${lookups} of ${MAX_LOOKUPS} look-ups`;
  const trouble = firstTrouble(root);
  if (trouble?.kind === "failed") return { status: "unknown", expected, found, detail: trouble.detail };
  if (trouble) return { status: "error", expected, found, detail: trouble.detail };
  if (lookups > MAX_LOOKUPS) {
    const detail = `It makes receivers look up more than ${MAX_LOOKUPS} names, so they take it for broken (RFC 7208 §4.6.4): remove includes, or write networks as ip4 and ip6.`;
    return { status: "error", expected, found, detail };
  }
  if (voids > MAX_VOIDS) {
    const detail = `${voids} of the names it refers to do not exist; receivers allow ${MAX_VOIDS} and take the record for broken (RFC 7208 §4.6.4). Remove them.`;
    return { status: "error", expected, found, detail };
  }
  return { expected, found, ...judge(tree, way) };
}

/** The result for mail from this address (§4.6). */
export function evaluateSpf(node: SpfNode, ip: string): SpfResult {
  switch (node.state.kind) {
    case "record":
      return evaluateTerms(node.state.terms, ip);
    case "none":
      return "none";
    case "failed":
      return "temperror";
    case "several":
    case "invalid":
    case "cut":
      return "permerror";
  }
}

function evaluateTerms(terms: readonly LoadedTerm[], ip: string): SpfResult {
  // What a term that only a message decides would give: the result is certain only if it is the same without it.
  const open = new Set<SpfResult>();
  const certain = (result: SpfResult) => ([...open].every((other) => other === result) ? result : "depends");
  for (const loaded of terms) {
    if (loaded.term.kind === "redirect") return certain(followRedirect(loaded, ip));
    const matches = matchTerm(loaded, ip);
    const result = RESULTS[loaded.term.qualifier];
    if (matches === true) return certain(result);
    if (matches === "depends") open.add(result);
    else if (matches !== false) return certain(matches);
  }
  return certain("neutral");
}

/** §6.1 */
function followRedirect({ hosts }: LoadedTerm, ip: string): SpfResult {
  if (hosts.kind !== "record") return "depends";
  const result = evaluateSpf(hosts.node, ip);
  return result === "none" ? "permerror" : result;
}

function matchTerm({ term, hosts }: LoadedTerm, ip: string): boolean | "depends" | "permerror" | "temperror" {
  if (term.kind === "all") return true;
  if (term.kind === "ip4" || term.kind === "ip6") return contains(term.address, term.prefix, ip);
  switch (hosts.kind) {
    case "depends":
      return "depends";
    case "failed":
      return "temperror";
    case "too-many":
      return "permerror";
    case "record": {
      // §5.2
      const inner = evaluateSpf(hosts.node, ip);
      if (inner === "pass") return true;
      if (inner === "fail" || inner === "softfail" || inner === "neutral") return false;
      return inner === "none" ? "permerror" : inner;
    }
    case "addresses": {
      const [prefix4, prefix6] = term.kind === "a" || term.kind === "mx" ? [term.prefix4, term.prefix6] : [32, 128];
      return hosts.addresses.some((address) => contains(address, isIPv4(address) ? prefix4 : prefix6, ip));
    }
  }
}

function contains(address: string, prefix: number, ip: string): boolean {
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  if ((family === "ipv4") !== isIPv4(ip)) return false;
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list.check(ip, family);
}

function expectedRecord(way: SendingWay): string {
  if (way.kind === "direct" && way.addresses.length > 0) {
    const networks = way.addresses.map((address) => `${isIPv4(address) ? "ip4" : "ip6"}:${address}`);
    return `one SPF record that lets this machine send, like "v=spf1 ${networks.join(" ")} ~all"`;
  }
  if (way.kind === "relay") return `one SPF record that lets the servers of the relay ${way.host} send`;
  return 'one SPF record that lets the sending server send, like "v=spf1 ip4:ADDRESS ~all"';
}

function sayBroken(domain: string, state: BrokenState, expected: string, isReturnPath: boolean): Said {
  const harm = isReturnPath ? ("error" as const) : ("warning" as const);
  switch (state.kind) {
    case "failed":
      return { status: "unknown", expected, found: `no answer (${state.detail})`, detail: `Ask again later.` };
    case "several":
      return {
        status: harm,
        expected,
        found: state.texts.map(quote).join(", "),
        detail: `Several SPF records make receivers take SPF for broken (RFC 7208 §4.5): leave one, with all mechanisms in it.`,
      };
    case "invalid":
      return {
        status: harm,
        expected,
        found: quote(state.text),
        detail: `Receivers take it for broken: ${state.detail}.`,
      };
    case "cut":
    case "none": {
      const why = isReturnPath
        ? "Receivers ask this domain's SPF about every message."
        : "Receivers ask the return path's domain instead; some look here too.";
      return { status: harm, expected, found: "no SPF record", detail: `Publish a TXT record at ${domain}. ${why}` };
    }
  }
}

type Trouble = { readonly kind: "failed" | "broken"; readonly detail: string };

/** What makes receivers give up on the record, wherever it lies; a name that did not answer counts only after that. */
function firstTrouble(node: SpfNode): Trouble | null {
  if (node.state.kind !== "record") return null;
  let failed: Trouble | null = null;
  for (const { term, hosts } of node.state.terms) {
    const name = "domain" in term && term.domain !== null ? term.domain : node.domain;
    let trouble: Trouble | null = null;
    if (hosts.kind === "failed") trouble = { kind: "failed", detail: `No answer about ${name}: ${hosts.detail}.` };
    if (hosts.kind === "record") trouble = nodeTrouble(hosts.node) ?? firstTrouble(hosts.node);
    if (trouble?.kind === "broken") return trouble;
    failed ??= trouble;
  }
  return failed;
}

function nodeTrouble({ domain, state }: SpfNode): Trouble | null {
  switch (state.kind) {
    case "failed":
      return { kind: "failed", detail: `No answer about ${domain}: ${state.detail}.` };
    case "none":
      return {
        kind: "broken",
        detail: `It refers to ${domain}, which has no SPF record: remove that, or correct the name.`,
      };
    case "several":
      return { kind: "broken", detail: `It refers to ${domain}, which has several SPF records.` };
    case "invalid":
      return { kind: "broken", detail: `It refers to ${domain}, whose SPF record is broken: ${state.detail}.` };
    case "record":
    case "cut":
      return null;
  }
}

/** Of a record that receivers can read. */
function judge({ root }: SpfTree, way: SendingWay): Pick<Said, "status" | "detail"> {
  // An address that nobody sends from (RFC 5737): whoever lets it in lets everybody in.
  if (evaluateSpf(root, "192.0.2.255") === "pass" && evaluateSpf(root, "203.0.113.255") === "pass") {
    return { status: "error", detail: "It lets everybody send in this domain's name: end it with ~all or -all." };
  }
  if (way.kind === "sandbox") {
    return {
      status: "unknown",
      detail:
        "The record is sound. Mail stays on this machine now (transport sandbox), so no sender can be compared with it.",
    };
  }
  if (way.kind === "relay") {
    return {
      status: "unknown",
      detail: `The record is sound. Which addresses ${way.host} sends from cannot be told from here: compare with the SPF entry that its operator asks for.`,
    };
  }
  if (way.addresses.length === 0) {
    return {
      status: "unknown",
      detail:
        "The record is sound. The public address of this machine is not known here: check that the record has it.",
    };
  }
  return judgeAddresses(root, way.addresses);
}

function judgeAddresses(root: SpfNode, addresses: readonly string[]): Pick<Said, "status" | "detail"> {
  const results = addresses.map((address) => ({ address, result: evaluateSpf(root, address) }));
  const refused = results.filter(({ result }) => result !== "pass" && result !== "depends");
  if (refused.length > 0) {
    const which = refused.map(({ address, result }) => `${address} (${result})`).join(", ");
    return {
      status: "error",
      detail: `It does not let this machine send: ${which}. Add ${refused.map(({ address }) => `${isIPv4(address) ? "ip4" : "ip6"}:${address}`).join(" ")}.`,
    };
  }
  const open = results.filter(({ result }) => result === "depends");
  if (open.length > 0) {
    return {
      status: "unknown",
      detail: `Whether it lets ${open.map(({ address }) => address).join(", ")} send depends on the single message (macros, ptr or exists).`,
    };
  }
  return { status: "ok", detail: `It lets ${addresses.join(", ")} send.` };
}
