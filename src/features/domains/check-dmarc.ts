/**
 * The DMARC policy of a domain and whether its mail passes it (RFC 9989, before it RFC 7489). Pure:
 * the answers at `walkNames` are asked for before.
 */
import {
  type DmarcAnswers,
  type DmarcRecord,
  findRecord,
  isAligned,
  modeOf,
  recordsAt,
  type TextAnswer,
  walkNames,
} from "../../core/dmarc/find-policy.ts";
import { sayMissing } from "./dns-answers.ts";
import { type DomainExpectation, quote, type Said } from "./expectation.ts";

export function checkDmarc(answers: DmarcAnswers, expectation: DomainExpectation): Said {
  const { domain } = expectation;
  const expected = `"v=DMARC1; p=none; rua=mailto:ADDRESS" or stricter at _dmarc.${domain} or above, and mail that passes it`;
  const silent = walkNames(domain).find((name) => answers.get(name)?.kind === "failed");
  const own = recordsAt(answers, domain);
  const policy = findRecord(answers, domain);
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

function sayNone(answer: TextAnswer | undefined): string {
  return answer === undefined || answer.kind === "records" ? "no DMARC record" : sayMissing(answer);
}

function readProblem({ tags, name }: DmarcRecord): string | null {
  const policy = tags.get("p")?.toLowerCase();
  if (policy === undefined) return `The record at _dmarc.${name} has no policy (p=none, quarantine or reject).`;
  if (!["none", "quarantine", "reject"].includes(policy)) return `p=${policy} is none of none, quarantine, reject.`;
  return null;
}

function judgeAlignment(
  answers: DmarcAnswers,
  { domain, keys, returnPath }: DomainExpectation,
  policy: DmarcRecord,
): Pick<Said, "status" | "detail"> {
  const dkim = keys.find((key) => isAligned(answers, domain, key.domain, modeOf(policy, "adkim")))?.domain;
  const spf = isAligned(answers, domain, returnPath, modeOf(policy, "aspf"));
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

function sayPolicy({ tags, name }: DmarcRecord, domain: string): string {
  const applied = ((name === domain ? null : tags.get("sp")) ?? tags.get("p") ?? "").toLowerCase();
  return applied === "none"
    ? "The policy is none: receivers report forged mail and let it in."
    : `The policy for mail that fails is ${applied}.`;
}
