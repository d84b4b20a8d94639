/** What the checklist says of the DMARC policy of the sender's domain. Pure. */
import type { DmarcVerdict, SenderDomains } from "../../core/dmarc/judge-sender.ts";
import type { ChecklistItem } from "../../contract/index.ts";

/** `mayBeSigned`: a relay may sign what nothing signs here. */
export function dmarcItems(domains: SenderDomains, verdict: DmarcVerdict, mayBeSigned: boolean): ChecklistItem[] {
  if (verdict.kind === "not-asked") {
    const title = `The DMARC policy of ${domains.from} is not known`;
    const detail = `No answer about _dmarc.${verdict.name} (${verdict.detail}). Analyse again, or look under Domains.`;
    return [{ id: "dmarc-not-asked", level: "info", title, detail }];
  }
  const { policy, dkim, spf } = verdict;
  const found: ChecklistItem = {
    id: "dmarc-policy",
    level: "info",
    title: `DMARC of ${domains.from}: ${policy ?? "no policy"}`,
    detail: `${sayRecord(verdict)} ${sayAligned(domains, verdict)}`,
  };
  if (dkim || spf) return [found];
  const refuses = policy === "reject" || policy === "quarantine";
  return [
    found,
    {
      id: "dmarc-unaligned",
      level: refuses && !mayBeSigned ? "error" : "warning",
      title: `Neither signature nor return path belongs to ${domains.from}`,
      detail: `${sayHarm(policy)} ${sayWhy(domains)}${mayBeSigned ? " A relay may sign it later." : ""} Make a DKIM key for ${domains.from} under Domains.`,
    },
  ];
}

type Judged = Extract<DmarcVerdict, { kind: "judged" }>;

function sayRecord({ name, organisation, dkimMode, spfMode }: Judged): string {
  if (name === null)
    return `There is no record at _dmarc.${organisation} or above: Gmail and Yahoo want one from bulk senders.`;
  return `The record is at _dmarc.${name}; the organisation is ${organisation}; alignment of DKIM is ${dkimMode}, of SPF ${spfMode}.`;
}

function sayAligned({ signedAs, returnPath }: SenderDomains, { dkim, spf }: Judged): string {
  const by = [dkim ? `DKIM (d=${signedAs})` : "", spf ? `SPF (return path at ${returnPath})` : ""].filter(Boolean);
  return by.length === 0 ? "Nothing is aligned." : `Aligned by ${by.join(" and ")}.`;
}

function sayHarm(policy: Judged["policy"]): string {
  if (policy === "reject") return "Its policy tells receivers to refuse such mail.";
  if (policy === "quarantine") return "Its policy tells receivers to put such mail aside.";
  return "Receivers trust such mail less.";
}

function sayWhy({ signedAs, returnPath }: SenderDomains): string {
  const signature = signedAs === null ? "nothing signs it here" : `messages are signed as ${signedAs}`;
  const path =
    returnPath === null ? "the return path is another one for each message" : `the return path is at ${returnPath}`;
  return `Here ${signature}, and ${path}.`;
}
