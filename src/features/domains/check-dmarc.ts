/**
 * The DMARC policy of a domain and whether its mail passes it (RFC 7489; where to look: the tree walk of DMARCbis §4.10). Pure:
 * the answers at `walkNames` are asked for before.
 */
import { readTags } from "./check-dkim.ts";
import { type Answer, sayMissing } from "./dns-answers.ts";
import { type DomainExpectation, quote, type Said } from "./expectation.ts";

/** What stands at `_dmarc.NAME`. */
export type DmarcAnswers = ReadonlyMap<string, Answer<string>>;

/** Longer names are cut, so that nobody is asked for ever (DMARCbis §4.10). */
const MAX_WALK = 8;

/** The names whose `_dmarc` record is asked for, the domain's own first. */
export function walkNames(domain: string): string[] {
  const labels = domain.split(".");
  const above = labels.slice(Math.max(1, labels.length - MAX_WALK + 1));
  return [domain, ...above.map((_, index) => above.slice(index).join("."))];
}

type Policy = { readonly name: string; readonly text: string; readonly tags: ReadonlyMap<string, string> };

export function checkDmarc(answers: DmarcAnswers, expectation: DomainExpectation): Said {
  const { domain } = expectation;
  const expected = `"v=DMARC1; p=none; rua=mailto:ADDRESS" or stricter at _dmarc.${domain} or above, and mail that passes it`;
  const silent = walkNames(domain).find((name) => answers.get(name)?.kind === "failed");
  const own = recordsAt(answers, domain);
  const policy = findPolicy(answers, domain);
  if (silent !== undefined && (policy === null || silent === domain)) {
    return { status: "unknown", expected, found: `no answer about _dmarc.${silent}`, detail: "Ask again later." };
  }
  if (own.length > 1) {
    const detail = "Several DMARC records at one name count as none: leave one.";
    return { status: "error", expected, found: own.map(quote).join(", "), detail };
  }
  if (policy === null) {
    const detail = `Publish a TXT record at _dmarc.${domain}: Gmail, Yahoo and others refuse bulk mail from domains without one.`;
    return { status: "error", expected, found: sayNone(answers.get(domain)), detail };
  }
  const found = `${quote(policy.text)} at _dmarc.${policy.name}`;
  const problem = readProblem(policy);
  if (problem !== null) return { status: "error", expected, found, detail: problem };
  return { expected, found, ...judgeAlignment(answers, expectation, policy) };
}

function sayNone(answer: Answer<string> | undefined): string {
  return answer === undefined || answer.kind === "records" ? "no DMARC record" : sayMissing(answer);
}

const isDmarc = (text: string) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text);

function recordsAt(answers: DmarcAnswers, name: string): readonly string[] {
  const answer = answers.get(name);
  return answer?.kind === "records" ? answer.records.filter(isDmarc) : [];
}

function policyAt(answers: DmarcAnswers, name: string): Policy | null {
  const [text, ...others] = recordsAt(answers, name);
  const tags = text === undefined || others.length > 0 ? null : readTags(text);
  return text === undefined || tags === null ? null : { name, text, tags };
}

/** The domain's own record, else that of its organisation, else that of the public suffix above (DMARCbis §4.10.1). */
function findPolicy(answers: DmarcAnswers, domain: string): Policy | null {
  const own = policyAt(answers, domain) ?? policyAt(answers, organisationOf(answers, domain));
  if (own !== null) return own;
  const suffix = walkNames(domain).find((name) => psdOf(answers, name) === "y");
  return suffix === undefined ? null : policyAt(answers, suffix);
}

function psdOf(answers: DmarcAnswers, name: string): string | undefined {
  return policyAt(answers, name)?.tags.get("psd")?.toLowerCase();
}

/** Whose domain it is (DMARCbis §4.10.2): two domains of one organisation are aligned in relaxed mode. */
function organisationOf(answers: DmarcAnswers, domain: string): string {
  const names = walkNames(domain);
  let highest = domain;
  for (const [index, name] of names.entries()) {
    const psd = psdOf(answers, name);
    if (psd === "n") return name;
    if (psd === "y" && index > 0) return oneBelow(domain, name);
    if (policyAt(answers, name) !== null) highest = name;
  }
  return highest;
}

/** `a.b.example.com` one below `example.com` is `b.example.com`. */
function oneBelow(domain: string, above: string): string {
  return domain
    .split(".")
    .slice(-(above.split(".").length + 1))
    .join(".");
}

function readProblem({ tags, name }: Policy): string | null {
  const policy = tags.get("p")?.toLowerCase();
  if (policy === undefined) return `The record at _dmarc.${name} has no policy (p=none, quarantine or reject).`;
  if (!["none", "quarantine", "reject"].includes(policy)) return `p=${policy} is none of none, quarantine, reject.`;
  return null;
}

function judgeAlignment(
  answers: DmarcAnswers,
  { domain, keys, returnPath }: DomainExpectation,
  policy: Policy,
): Pick<Said, "status" | "detail"> {
  const isAligned = (other: string, mode: string | undefined) =>
    mode?.toLowerCase() === "s" ? other === domain : organisationOf(answers, other) === organisationOf(answers, domain);
  const dkim = keys.find((key) => isAligned(key.domain, policy.tags.get("adkim")))?.domain;
  const spf = isAligned(returnPath, policy.tags.get("aspf"));
  const silent = [...answers].find(([, answer]) => answer.kind === "failed")?.[0];
  if (dkim === undefined && !spf && silent !== undefined) {
    return { status: "unknown", detail: `No answer about _dmarc.${silent}, which decides what belongs to ${domain}.` };
  }
  if (dkim === undefined && !spf) {
    const why = keys.length > 0 ? `the keys sign as ${keys[0]?.domain}` : "no key signs its mail";
    const detail = `Mail fails DMARC: ${why}, and the return path is at ${returnPath}. Make a key for ${domain}.`;
    return { status: "error", detail };
  }
  const passed = [dkim === undefined ? "" : `DKIM (d=${dkim})`, spf ? `SPF (${returnPath})` : ""].filter(Boolean);
  const aligned = `Aligned by ${passed.join(" and ")}.`;
  if (dkim === undefined) {
    return { status: "warning", detail: `${aligned} Forwarded mail loses that: make a DKIM key for ${domain}.` };
  }
  if (!policy.tags.has("rua")) {
    return { status: "warning", detail: `${aligned} Nobody gets the reports of receivers: add rua=mailto:ADDRESS.` };
  }
  return { status: "ok", detail: `${aligned} ${sayPolicy(policy, domain)}` };
}

function sayPolicy({ tags, name }: Policy, domain: string): string {
  const applied = ((name === domain ? null : tags.get("sp")) ?? tags.get("p") ?? "").toLowerCase();
  return applied === "none"
    ? "The policy is none: receivers report forged mail and let it in."
    : `The policy for mail that fails is ${applied}.`;
}
