/** What the answers of the links in the content mean. Pure: links and answers in, addresses to ask and items out. */
import type { ChecklistItem } from "../../contract/index.ts";
import type { Link, Manifest } from "../../core/message/manifest.ts";
import type { LinkAnswer } from "../../platform/link-probe.ts";
import { partName } from "./checks.ts";

/** By its address without what recipients' data decide and what a server never sees. */
export type LinkToAsk = { readonly address: string; readonly link: Link };

/** Each address once, in the order of the content. */
export function linksToAsk({ links, honeypot }: Pick<Manifest, "links" | "honeypot">): LinkToAsk[] {
  const found = new Map<string, Link>();
  for (const link of links) {
    if (link.mode === "opt-out" || link.mode === "mirror" || link.number === honeypot) continue;
    const address = addressOf(link);
    if (address !== null && !found.has(address)) found.set(address, link);
  }
  return [...found].map(([address, link]) => ({ address, link }));
}

/** Null: it is no web page, or data decide about its host or path. A personalised query is left out. */
function addressOf({ url, personalised }: Link): string | null {
  const fixed = personalised ? (url.split(/[?#]/, 1)[0] ?? "") : url;
  if (personalised && (/\{[{%]/.test(fixed) || !/^https?:\/\/[^/]+\//i.test(`${fixed}/`))) return null;
  const address = URL.parse(fixed);
  if (address?.protocol !== "https:" && address?.protocol !== "http:") return null;
  address.hash = "";
  address.username = "";
  address.password = "";
  return address.href;
}

const SHOWN_MAX = 5;
/** Not found, and gone for good (RFC 9110 §15.5.5, §15.5.11). */
const BROKEN = new Set([404, 410]);

/** A link without an answer was over the number that is asked. */
export function reachableItems(links: readonly LinkToAsk[], answers: ReadonlyMap<string, LinkAnswer>): ChecklistItem[] {
  const broken: string[] = [];
  const unknown: string[] = [];
  for (const { address, link } of links) {
    const answer = answers.get(address);
    const say = (what: string) =>
      `${partName(link.part)}, line ${link.line}, column ${link.column}: ${link.url.slice(0, 200)} ${what}`;
    if (answer === undefined) unknown.push(say("was not asked, there are too many links"));
    else if (answer.kind === "no-such-host") broken.push(say(`has a host that does not exist (${answer.host})`));
    else if (answer.kind === "not-asked") unknown.push(say(`could not be asked: ${answer.why}`));
    else if (BROKEN.has(answer.status)) broken.push(say(`leads to nothing (${answer.status})`));
    // Other refusals are for machines like this one; readers may well get in.
    else if (answer.status >= 500) unknown.push(say(`has a server in trouble (${answer.status})`));
  }
  return [
    ...summed("link-broken", "warning", "links lead nowhere", broken),
    ...summed("link-not-asked", "info", "links could not be tried", unknown),
  ];
}

function summed(id: string, level: ChecklistItem["level"], what: string, found: readonly string[]): ChecklistItem[] {
  if (found.length === 0) return [];
  const more = found.length > SHOWN_MAX ? `. And ${found.length - SHOWN_MAX} more` : "";
  const title = `${found.length} ${what}`.replace(/^1 links lead/, "1 link leads").replace(/^1 links/, "1 link");
  return [{ id, level, title, detail: `${found.slice(0, SHOWN_MAX).join(". ")}${more}.` }];
}
