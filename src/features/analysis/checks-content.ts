/**
 * What the analysis has to say about the things of a message that readers and filters look at: subject, sender name, links, images, the
 * way out. Pure: facts in, items out.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Link, Manifest } from "../../core/message/manifest.ts";
import { shareOfCapitals } from "../../core/typology/language/evaluate.ts";
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import type { FoundImage } from "../content/index.ts";

type Warn = (id: string, title: string, detail: string, level?: ChecklistItem["level"]) => void;

export function messageItems(
  manifest: Manifest,
  images: readonly FoundImage[],
  { nature }: Pick<Settings, "nature">,
): ChecklistItem[] {
  const items: ChecklistItem[] = [];
  const warn: Warn = (id, title, detail, level = "warning") => items.push({ id, level, title, detail });
  checkSubject(manifest.subject, warn);
  checkSenderName(manifest, warn);
  if (nature === "marketing") {
    checkWayOut(manifest, warn);
    checkOneClick(manifest, warn);
  }
  checkLinks(manifest, warn);
  checkImages(images, warn);
  return items;
}

/** RFC 5322 §2.1.1 recommends lines of 78; what is longer is cut by most mail programs. */
const SUBJECT_MOST = 78;
const SHOUTING = 0.7;
const SHOUTING_LETTERS = 10;
/** Controls, characters without width, and those that turn the direction of writing: filters take them for a disguise. Those that join emoji or letters are none. */
const HIDDEN = /[\p{Cc}\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff]/u;
const PERSONALISED = /\{\{[^}]*\}\}|\{%[^}]*%\}/g;

function checkSubject(source: string, warn: Warn): void {
  const text = source.replace(PERSONALISED, "").trim();
  if (source.trim() === "") {
    return warn("subject-empty", "There is no subject", "Recipients see an empty line, and filters suspect it.");
  }
  const length = Array.from(text).length;
  if (length > SUBJECT_MOST) {
    const detail = `${length} characters before personalisation; mail programs show some 70, telephones 40.`;
    warn("subject-long", "The subject is long", detail);
  }
  const letters = Array.from(text).filter((char) => char.toLowerCase() !== char.toUpperCase()).length;
  if (letters >= SHOUTING_LETTERS && shareOfCapitals(text) > SHOUTING) {
    warn("subject-capitals", "The subject is written in capitals", "Readers take it for shouting, filters for spam.");
  }
  const hidden = HIDDEN.exec(text);
  if (hidden)
    warn(
      "subject-characters",
      "The subject has characters that nobody sees",
      `${codeOf(hidden[0])}; filters take them for a disguise.`,
    );
  const marks = /[!?$€£*]{3,}/u.exec(text);
  if (marks) warn("subject-marks", "The subject has a row of marks", `"${marks[0].slice(0, 20)}": filters count them.`);
  if (/^(re|fwd?|aw|wg|tr)\s*:/i.test(text)) {
    warn(
      "subject-reply",
      "The subject pretends to be an answer",
      "Re: and Fwd: are for answers; some laws forbid them in advertising.",
    );
  }
}

const codeOf = (char: string) => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

function checkSenderName({ fromName, fromAddress }: Manifest, warn: Warn): void {
  const hidden = HIDDEN.exec(fromName);
  if (hidden)
    warn(
      "sender-characters",
      "The sender name has characters that nobody sees",
      `${codeOf(hidden[0])}; filters take them for a disguise.`,
    );
  const shown = /[^\s<>"(),;:@]+@[^\s<>"(),;:@]+\.[^\s<>"(),;:@]+/.exec(fromName.slice(0, 1000))?.[0];
  if (shown === undefined) return;
  const [a, b] = [parseAddress(shown), parseAddress(fromAddress)];
  if (a.kind === "valid" && b.kind === "valid" && a.matchKey === b.matchKey) return;
  const detail = `The name shows ${shown.slice(0, 100)}, and the mail comes from ${fromAddress}: mail programs warn of that.`;
  warn("sender-other-address", "The sender name is another address", detail);
}

const WAY_OUT =
  /unsubscri|d[ée]sabonn|d[ée]sinscri|abbestell|abmeld|opt[-_ ]?out|cancelar la suscripci|darse de baja|disiscri/i;

/** One in each part that recipients get: whoever reads the other one has none. */
function checkWayOut({ html, text, links, format }: Manifest, warn: Warn): void {
  const without = [
    ...(html !== null && format !== "text" && !hasWayOut(html, links) ? ["html" as const] : []),
    ...(text !== null && format !== "html" && !hasWayOut(text, links) ? ["text" as const] : []),
  ];
  const parts = [html !== null && format !== "text", text !== null && format !== "html"].filter(Boolean).length;
  const detail = "Recipients who cannot unsubscribe complain instead.";
  if (without.length === parts) return warn("no-unsubscribe-link", "There is no unsubscribe link", detail);
  for (const part of without) {
    const name = part === "html" ? "HTML" : "text";
    warn(`no-unsubscribe-link-${part}`, `There is no unsubscribe link in the ${name} part`, detail);
  }
}

function hasWayOut(part: string, links: readonly Link[]): boolean {
  if (WAY_OUT.test(part) || part.includes("message.unsubscribe_url")) return true;
  const out = links.filter(({ mode }) => mode === "opt-out");
  return out.some(({ number, url }) =>
    [`{% link ${number} %}`, `{% tracked ${number} %}`, url].some((mark) => part.includes(mark)),
  );
}

const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/i;

/** Gmail and Yahoo ask bulk senders for it (RFC 8058). */
function checkOneClick({ listUnsubscribe, headers, publicUrl }: Manifest, warn: Warn): void {
  const has = (name: string) => headers.some((header) => header.name.toLowerCase() === name);
  const title = "Mail programs cannot unsubscribe with one click";
  if (has("list-unsubscribe")) {
    if (has("list-unsubscribe-post")) return;
    return warn(
      "one-click-own-header",
      title,
      "The delivery has a List-Unsubscribe of its own, and no List-Unsubscribe-Post (RFC 8058).",
    );
  }
  if (!listUnsubscribe.header) {
    return warn(
      "one-click-off",
      title,
      "The header is switched off; Gmail and Yahoo ask for it in bulk mail (RFC 8058).",
    );
  }
  if (/^http:/i.test(publicUrl) && !LOOPBACK.test(publicUrl)) {
    warn("one-click-insecure", title, `${publicUrl} is not https, which one click needs (RFC 8058).`);
  }
}

/** Of one kind the first is shown, and how many more there are. */
function checkLinks({ links, html, honeypot }: Manifest, warn: Warn): void {
  const web = links.filter(({ mode, number }) => mode !== "opt-out" && mode !== "mirror" && number !== honeypot);
  const tell = (id: string, level: ChecklistItem["level"], title: string, found: readonly [Link, string][]) => {
    const [first] = found;
    if (first === undefined) return;
    const [{ part, line, column, url }, why] = first;
    const more = found.length > 1 ? ` And ${found.length - 1} more.` : "";
    const place = `${part === "html" ? "HTML" : "Text"} part, line ${line}, column ${column}`;
    warn(id, title, `${place}: ${url.slice(0, 200)} ${why}.${more}`, level);
  };
  const pick = (why: (link: Link) => string | null) =>
    web.flatMap((link): [Link, string][] => {
      const said = why(link);
      return said === null ? [] : [[link, said]];
    });
  tell("link-malformed", "warning", "The address of a link looks wrong", pick(faultOf));
  tell("link-personalised", "warning", "The host of a link is personalised", pick(hostFault));
  tell(
    "link-without-label",
    "info",
    "A tracked link has no label",
    pick((link) =>
      lacksLabel(link, html)
        ? "is shown under its address in reports: give it a text, an alternative text or a label"
        : null,
    ),
  );
}

function faultOf({ url, personalised }: Link): string | null {
  if (/&(amp|#38);/i.test(url)) return "has an & that was written out twice";
  if (/^https?:\/\/https?:?\/\//i.test(url)) return "has its scheme twice";
  if (personalised) return null;
  if (!URL.canParse(url)) return "is not an address";
  const { hostname, username } = new URL(url);
  if (username !== "") return "has a name or password in it, which mail programs take for a disguise";
  if (/%20/.test(url)) return "has a blank in it";
  if (!hostname.includes(".") && !hostname.startsWith("[")) return "has a host without a domain";
  return null;
}

/** What recipients' data decide is where the link leads: one wrong value, and it leads to a stranger's page. */
function hostFault({ url, personalised }: Link): string | null {
  if (!personalised || /^https?:\/\/[^/?#{]+([/?#]|$)/i.test(url)) return null;
  return "gets its host from data: write the host, and personalise what comes behind it";
}

/** A link without words is called by its address; where that address can be read, it is its text. */
function lacksLabel({ mode, part, label, url }: Link, html: string | null): boolean {
  if (mode !== "tracked" || part !== "html" || !url.startsWith(label)) return false;
  return !isShown(label, html ?? "");
}

export function isShown(label: string, html: string): boolean {
  return html.includes(label) || html.includes(label.replaceAll("&", "&amp;"));
}

function checkImages(images: readonly FoundImage[], warn: Warn): void {
  const without = images.filter(({ hasAlt }) => !hasAlt);
  const [first] = without;
  if (first === undefined) return;
  const which = without.length === 1 ? "An image has" : `${without.length} of ${images.length} images have`;
  const detail = `${first.url.slice(0, 200)}: whoever does not load images or does not see them gets nothing. alt="" says that it is decoration.`;
  warn("images-without-alt", `${which} no alternative text`, detail);
}
