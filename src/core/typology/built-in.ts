/**
 * The control rules that come with the program. Each stands for some items of the checklist, by their codes, which stay what
 * they are: a typology sets the level of a rule and whether it is looked at, not what it looks for.
 */
import type { Level, Phase } from "./rule.ts";

export type BuiltInRule = {
  readonly id: string;
  readonly phase: Phase;
  /** Of its gravest items. */
  readonly level: Level;
  readonly active: boolean;
  /** Without it no message could be made or sent: always looked at, always at its own level. */
  readonly fixed: boolean;
  /** One that ends in `*` stands for all that begin so. */
  readonly items: readonly string[];
  readonly title: string;
};

type Words = readonly [id: string, level: Level, title: string, items: readonly string[]];

const rules =
  (phase: Phase, kind: { readonly fixed?: boolean; readonly active?: boolean } = {}) =>
  (words: readonly Words[]): BuiltInRule[] =>
    words.map(([id, level, title, items]) => ({
      id,
      phase,
      level,
      title,
      items,
      active: kind.active ?? true,
      fixed: kind.fixed ?? false,
    }));

/** In the order in which they speak. The first that has an item's code counts. */
export const BUILT_IN: readonly BuiltInRule[] = [
  ...rules("after-target", { fixed: true })([
    ["recipients", "error", "Somebody is left to deliver to", ["no-recipients"]],
    ["mode", "warning", "A test is not taken for a delivery", ["mode-*"]],
    ["pool", "error", "The pool of sources can send", ["pool", "pool-*"]],
    ["transport", "error", "The way that it takes is there", ["transport-*"]],
    ["copies", "error", "The archive takes the copies", ["archive", "archive-*"]],
    ["computed", "error", "Label and code can be computed", ["computed-*"]],
    ["masks", "error", "The platform allows sender and error address", ["mask-*"]],
  ]),
  ...rules("after-target")([
    ["validity", "warning", "Attempts go on as long as the delivery says", ["validity-*", "retries-never"]],
    ["waves", "error", "The last wave starts before the validity ends", ["waves", "waves-*"]],
    ["dmarc", "error", "Mail passes the DMARC policy of the sender's domain", ["dmarc-*"]],
    ["alignment", "warning", "From, DKIM signature and DMARC go together", ["from-*"]],
  ]),
  ...rules("before-personalisation")([
    ["markup", "warning", "HTML and links can be read as they are written", ["content-markup"]],
  ]),
  ...rules("before-personalisation", { fixed: true })([
    ["content", "error", "Messages can be made of the content", ["content-*", "render-failed"]],
  ]),
  ...rules("before-personalisation")([
    ["attributes", "error", "The attributes that the content uses exist", ["unknown-attribute"]],
    ["coverage", "warning", "Recipients have the attributes that the content uses", ["attribute-missing"]],
    ["values", "info", "Messages of sample recipients have no gaps", ["value-missing"]],
    ["charset", "warning", "The character set has all characters of the content", ["charset-*"]],
    [
      "subject",
      "warning",
      "The subject has a fitting length and nothing that filters or mail programs take badly",
      ["subject-*"],
    ],
    ["sender", "warning", "The sender name shows who writes and nothing that mail programs take badly", ["sender-*"]],
    ["text-part", "warning", "There is a text part", ["no-text-part"]],
    [
      "unsubscribe-link",
      "warning",
      "There is an unsubscribe link, in the HTML and in the text part",
      ["no-unsubscribe-link", "no-unsubscribe-link-*"],
    ],
    ["one-click", "warning", "Mail programs can unsubscribe with one click", ["one-click-*"]],
    ["public-url", "info", "Recipients can reach the public links", ["public-url-*"]],
    ["mirror", "warning", "The link to the mirror page leads to it", ["mirror-*"]],
    ["shown-address", "warning", "No tracked link shows another address", ["link-shows-url"]],
    ["link-rules", "warning", "Rules for links have their links", ["link-rule-unused"]],
    ["link-form", "warning", "Addresses of links are well-formed", ["link-malformed"]],
    ["link-personalised", "warning", "Personalised addresses have a fixed host", ["link-personalised"]],
    ["link-labels", "info", "Tracked links have labels", ["link-without-label"]],
    ["images", "warning", "Images have alternative texts", ["images-without-alt"]],
    ["attachments", "warning", "There is one attachment at most", ["attachments-many"]],
    ["size", "warning", "Messages are not too large", ["size-*"]],
  ]),
  // It asks strangers' servers: only where somebody wants that.
  ...rules("before-personalisation", { active: false })([
    ["links-reachable", "warning", "Links lead somewhere: their servers are asked", ["link-broken", "link-not-asked"]],
  ]),
  ...rules("end")([["plan", "warning", "The delivery ends within its validity", ["plan"]]]),
];

export function builtInOf(item: string): BuiltInRule | null {
  return BUILT_IN.find(({ items }) => items.some((mask) => covers(mask, item))) ?? null;
}

function covers(mask: string, item: string): boolean {
  return mask.endsWith("*") ? item.startsWith(mask.slice(0, -1)) : item === mask;
}
