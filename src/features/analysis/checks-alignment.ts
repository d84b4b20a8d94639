/** Whether From belongs to the domain that signs: without that DMARC fails wherever forwarding breaks SPF (RFC 7489 §3.1). Pure. */
import type { ChecklistItem } from "../../contract/index.ts";

export type SigningFacts = {
  /** Of the address in From, in lower case; null: personalised. */
  readonly domain: string | null;
  /** What its messages are signed as, `d=`; null: nothing signs. */
  readonly signedAs: string | null;
  /** Some domain has a key: where none has, another server may sign. */
  readonly someKeys: boolean;
};

/** Their DMARC policies tell receivers to refuse or set aside mail that others send in their name. */
const MAILBOX_PROVIDERS = new Set(
  "gmail.com googlemail.com yahoo.com ymail.com aol.com outlook.com hotmail.com live.com msn.com icloud.com me.com gmx.de gmx.net web.de mail.ru yandex.ru orange.fr wanadoo.fr laposte.net free.fr sfr.fr libero.it proton.me protonmail.com zoho.com qq.com 163.com comcast.net".split(
    " ",
  ),
);

export function alignmentItems({ domain, signedAs, someKeys }: SigningFacts): ChecklistItem[] {
  if (domain === null) return [];
  const warn = (id: string, title: string, detail: string): ChecklistItem[] => [
    { id, level: "warning", title, detail },
  ];
  if (MAILBOX_PROVIDERS.has(domain)) {
    const detail = `${domain} tells receivers by DMARC to refuse mail that others send in its name. Send from a domain of your own, and put this address into Reply-To.`;
    return warn("from-mailbox-provider", `The sender address is at ${domain}`, detail);
  }
  if (signedAs === null) {
    if (!someKeys) return [];
    return warn(
      "from-not-signed",
      `Mail from ${domain} is not signed`,
      `No DKIM key is for ${domain} or a domain above it. Make one under Domains.`,
    );
  }
  if (isAligned(domain, signedAs)) return [];
  const detail = `Messages are signed as ${signedAs}, and From is at ${domain}: for DMARC the signature counts for nothing. Sign with a key of ${domain}.`;
  return warn("from-unaligned", "From and DKIM signature belong to different domains", detail);
}

/** Relaxed, without a list of public suffixes: one is the other or lies under it. */
function isAligned(a: string, b: string): boolean {
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}
