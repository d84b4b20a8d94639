/** Names of the campaign syntax and what they are in Liquid. */
import { nearNames } from "../near-names.ts";
import { CampaignError } from "./campaign-error.ts";

/** Words that mean something else in Liquid, and its own objects. */
const RESERVED_LOCALS = [
  ..."recipient targetData delivery message platform forloop tablerowloop".split(" "),
  ..."true false nil null empty blank and or not contains in".split(" "),
];
const MESSAGE: Readonly<Record<string, string>> = {
  id: "message.id",
  key: "message.key",
  date: "message.date",
  address: "recipient.email",
  mirror_url: "message.mirror_url",
  mirrorUrl: "message.mirror_url",
  unsubscribe_url: "message.unsubscribe_url",
  unsubscribeUrl: "message.unsubscribe_url",
  open_url: "message.open_url",
  openUrl: "message.open_url",
};
const PLATFORM: Readonly<Record<string, string>> = {
  name: "platform.name",
  logo_url: "platform.logo_url",
  logoUrl: "platform.logo_url",
};
const DELIVERY: Readonly<Record<string, string>> = { senderName: "delivery.sender_name" };
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const OBJECTS = ["recipient", "targetData", "delivery", "message", "platform"];

/**
 * Attributes keep their exact name without `@`; of a nested one the parts are joined by dots: `recipient.location.@city` is
 * the attribute `location.city`.
 */
export function variablePath(root: string, segments: readonly string[], at: number): string {
  if (segments.length === 0)
    throw new CampaignError(at, `"${root}" needs an attribute, as in ${root}.${sampleOf(root)}`);
  if (root === "recipient" || root === "targetData") return `recipient${property(segments.join("."))}`;
  const [name = "", ...deeper] = segments;
  if (deeper.length > 0) {
    throw new CampaignError(
      at,
      `"${root}.${segments.join(".")}" is not known: values of ${root} have no values inside`,
    );
  }
  if (root === "delivery") return DELIVERY[name] ?? `delivery${property(name)}`;
  const known = root === "message" ? MESSAGE : PLATFORM;
  if (Object.hasOwn(known, name)) return known[name] as string;
  const names = [...new Set(Object.values(known))].filter((path) => path.startsWith(root));
  throw new CampaignError(at, `"${root}.${name}" is not known: there are ${names.join(", ")}`);
}

function sampleOf(root: string): string {
  return root === "recipient" || root === "targetData" ? "first_name" : root === "delivery" ? "label" : "name";
}

function property(name: string): string {
  return PLAIN.test(name) ? `.${name}` : `[${quote(name)}]`;
}

/** A text as a literal of Liquid that no reader of HTML or Liquid can mistake for something else. */
export function quote(text: string): string {
  const plain = text.replace(/[^ !#$%()*+,\-./0-9:;=?@A-Z[\]^_`a-z|~\u00a1-\ud7ff\ue000-\ufffd]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  // a literal may not end a tag
  return `'${plain.replaceAll("%", "\\u0025")}'`;
}

/** Of a variable that the operator declares. */
export function localName(name: string, at: number): string {
  if (!PLAIN.test(name) || /^_\d*$/.test(name)) {
    throw new CampaignError(at, `"${name}" cannot be the name of a variable: use letters, digits and _`);
  }
  if (RESERVED_LOCALS.includes(name))
    throw new CampaignError(at, `"${name}" has a meaning already: choose another name`);
  return name;
}

export function unknownName(name: string, locals: Iterable<string>, at: number): CampaignError {
  const near = nearNames(name, [...OBJECTS, ...locals]);
  const hint = near.length > 0 ? `did you mean ${near.join(", ")}?` : `attributes are written recipient.${name}`;
  return new CampaignError(at, `"${name}" is not known: ${hint}`);
}

const VIEWS: Readonly<Record<string, string>> = {
  mirrorpage: "mirror-page",
  linktomirrorpage: "mirror-page",
  mirrorpageurl: "mirror-page-url",
  unsubscribe: "unsubscribe",
  unsubscribelink: "unsubscribe",
  unsubscription: "unsubscribe",
  unsubscriptionlink: "unsubscribe",
  optoutlink: "unsubscribe",
  unsubscribeurl: "unsubscribe-url",
  unsubscriptionurl: "unsubscribe-url",
  optouturl: "unsubscribe-url",
  greeting: "greeting",
  greetings: "greeting",
  logo: "logo",
  insertlogo: "logo",
  signature: "signature",
};
const BLOCK_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** The block that a view of the incumbent is here: built in, or the operator's own, `SpringFooter` as `spring-footer`. */
export function blockOfView(view: string, at: number): string {
  const builtIn = VIEWS[view.replace(/[^A-Za-z]/g, "").toLowerCase()];
  if (builtIn !== undefined && !/\d/.test(view)) return builtIn;
  if (BLOCK_NAME.test(view)) return view;
  const name = view
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  if (BLOCK_NAME.test(name)) return name;
  throw new CampaignError(
    at,
    `"${view.slice(0, 60)}" cannot be the name of a block: letters, digits and dashes, a letter first`,
  );
}
