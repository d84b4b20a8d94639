/**
 * All properties of deliveries and of the templates that they are made from: the one list. A row here is checked by the API, inherited, shown with its
 * origin, and documented (docs/delivery-templates.md). What is a list or an object has its schema in the contract, under its name.
 */
import { CONTENT, GENERAL, SENDER, TEMPLATE_ONLY } from "./properties-basics.ts";
import { RULE_SETTINGS } from "./properties-rules.ts";
import { duration, flatten, groupNames, onOff, type Property, type PropertyTree, shape, text } from "./property.ts";

export { CONTENT, GENERAL, SENDER } from "./properties-basics.ts";

export const SETTINGS = {
  validity: {
    group: "validity",
    type: duration,
    default: "5d",
    acts: "attempts end so long after the start, at the platform's validityCap at the latest",
  },
  validUntil: {
    group: "validity",
    type: { kind: "instant" },
    otherwise: "`validity` counts",
    acts: "attempts end then, or at the platform's validityCap if that is earlier; after it the delivery cannot start",
  },
  headers: { group: "smtp", type: shape("headers"), default: [], acts: "extra headers; personalised" },
  headerLines: {
    group: "smtp",
    type: text(100_000),
    otherwise: "none",
    writes: "headers",
    acts: "headers as text, one `name: value` a line; they join `headers` when saved",
  },
  routes: {
    group: "delivery",
    type: shape("routes"),
    default: {},
    acts: "where to connect instead of looking up MX, by recipient domain; `*` for any",
  },
  transport: {
    group: "delivery",
    type: { kind: "choice", options: ["platform", "direct", "relay"] },
    default: "platform",
    acts: "`direct`: to the MX of each domain, `relay`: to the relays of the installation, also where it does otherwise; routes come first, and the sandbox lets nothing out",
  },
  source: {
    group: "delivery",
    type: text(100),
    otherwise: "the pool, or the system chooses",
    acts: "local address to connect from",
  },
  dkim: { group: "smtp", type: shape("dkim"), otherwise: "the keys of the sender's domain", acts: "which key signs" },
  pool: {
    group: "delivery",
    type: { kind: "text", least: 1, most: 63, trim: true },
    otherwise: "`default`, or the system's address",
    acts: "which sending addresses are used",
  },
  priority: {
    group: "delivery",
    type: { kind: "choice", options: ["very-low", "low", "normal", "high", "very-high"] },
    default: "normal",
    acts: "its share of the lanes beside other deliveries",
  },
  speed: {
    group: "delivery",
    type: { kind: "number", least: 1, most: 100_000_000 },
    otherwise: "as fast as limits let",
    acts: "messages an hour, of this delivery",
  },
  retries: {
    group: "retries",
    type: shape("retries"),
    default: { mode: "adaptive" },
    acts: "`adaptive`: after 5 to 10 minutes, then growing waits, hints obeyed; `fixed`: `count` times on the first day, `period` apart, then daily",
  },
  mode: {
    group: "delivery",
    type: { kind: "choice", options: ["live", "test-smtp", "verify"] },
    default: "live",
    acts: "`test-smtp`: each recipient as far as RCPT, then RSET; `verify`: made and signed, no network",
  },
  dsn: {
    group: "smtp",
    type: { kind: "choice", options: ["failure", "failure-and-delay", "always", "never"] },
    otherwise: "none are asked for",
    acts: "delivery status notifications to ask of servers that offer them (RFC 3461)",
  },
  inDoubtPolicy: {
    group: "retries",
    type: { kind: "choice", options: ["retry", "hold"] },
    default: "retry",
    acts: "a message that ended between final dot and reply",
  },
  nature: {
    group: "general",
    type: { kind: "choice", options: ["marketing", "service"] },
    default: "marketing",
    acts: "`service`: the recipient asked for exactly this message, so no List-Unsubscribe; archives choose by it",
  },
  computed: {
    label: {
      group: "general",
      type: text(2000),
      otherwise: "the label stays as it was written",
      acts: "Liquid of which each analysis makes the label",
    },
    code: {
      group: "general",
      type: text(2000),
      otherwise: "the code stays as it was written",
      acts: "Liquid of which each analysis makes the code",
    },
  },
  format: {
    group: "delivery",
    type: { kind: "choice", options: ["recipient", "alternative", "html", "text"] },
    default: "recipient",
    acts: "`recipient`: their attribute `email_format` (html, text), else both parts",
  },
  charset: {
    group: "smtp",
    type: { kind: "text", least: 1, most: 40 },
    default: "utf-8",
    acts: "how texts are encoded; the analysis reports what it cannot express",
  },
  mirror: {
    group: "validity",
    type: { kind: "choice", options: ["default", "force", "none", "message-id"] },
    default: "default",
    acts: "who can open mirror pages",
  },
  resourceValidity: {
    group: "validity",
    type: duration,
    default: "180d",
    acts: "mirror pages end so long after the start",
  },
  resourceUntil: {
    group: "validity",
    type: { kind: "instant" },
    otherwise: "`resourceValidity` counts",
    acts: "mirror pages end then",
  },
  tracking: {
    clicks: { group: "tracking", type: onOff, default: true, acts: "links are counted" },
    opens: { group: "tracking", type: onOff, default: true, acts: "a pixel counts opens" },
    validity: {
      group: "validity",
      type: duration,
      default: "180d",
      acts: "links lead to their target so long after the start",
    },
    expiredUrl: {
      group: "validity",
      type: { kind: "url" },
      otherwise: "a page that says so",
      acts: "where links lead afterwards",
    },
    honeypot: { group: "tracking", type: onOff, default: false, acts: "an invisible link that only programs follow" },
  },
  links: { group: "tracking", type: shape("links"), default: [], acts: "what is different for single links" },
  listUnsubscribe: {
    group: "smtp",
    type: onOff,
    default: true,
    acts: "List-Unsubscribe with one click (RFC 8058) in marketing messages",
  },
  verp: {
    group: "smtp",
    type: onOff,
    otherwise: "on where the error address belongs to the bounce domain",
    acts: "puts the message's tag into the return path",
  },
  attachments: { group: "content", type: shape("attachments"), default: [], acts: "files sent with every message" },
  embedImages: {
    group: "content",
    type: onOff,
    default: true,
    acts: "images that the HTML holds as `data:` go along as parts",
  },
  archive: {
    on: {
      group: "delivery",
      type: onOff,
      default: false,
      acts: '"E-mail BCC": a copy of each message for the archive',
    },
    timing: {
      group: "delivery",
      type: { kind: "choice", options: ["before", "after"] },
      platform: "archive.timing",
      acts: "when the copy leaves",
    },
    strict: {
      group: "delivery",
      type: onOff,
      platform: "archive.strict",
      acts: "with `before`: no message leaves unless its copy was accepted",
    },
    archives: {
      group: "delivery",
      type: shape("archives"),
      otherwise: "all whose rule matches",
      acts: "these archives and no others",
    },
  },
  variables: {
    group: "variables",
    type: shape("variables"),
    default: {},
    acts: "`delivery.NAME` in content, headers and links",
  },
  proof: {
    prefix: {
      group: "proofs",
      type: text(100),
      default: "Proof #",
      acts: "stands with the number before the subject of proofs; empty: neither does",
    },
    format: {
      group: "proofs",
      type: { kind: "choice", options: ["recipient", "alternative", "html", "text"] },
      otherwise: "that of the delivery",
      acts: "what proof readers get, as `format`",
    },
  },
  personalisationTimeout: {
    group: "delivery",
    type: { kind: "seconds" },
    default: "5s",
    acts: "most work of making one message; 0s: no limit",
  },
  ...RULE_SETTINGS,
  partSize: {
    group: "delivery",
    type: { kind: "number", least: 10, most: 5000 },
    otherwise: "100 to 1,000, by the number of messages",
    acts: "messages in a delivery part: what a sender takes, sends and tries again together",
  },
} as const satisfies PropertyTree;

/** By path, as the API writes it: `label`, `sender.name`, `settings.tracking.clicks`. */
export const PROPERTIES: ReadonlyMap<string, Property> = new Map([
  ...flatten(GENERAL, ""),
  ...flatten(TEMPLATE_ONLY, ""),
  ...flatten(CONTENT, "content."),
  ...flatten(SENDER, "sender."),
  ...flatten(SETTINGS, "settings."),
]);

export type SettingGroup = {
  [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends { acts: string } ? never : K;
}[keyof typeof SETTINGS];
export const SETTING_GROUPS: readonly string[] = groupNames(SETTINGS);
