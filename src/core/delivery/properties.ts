/**
 * All properties of deliveries and of the templates that they are made from: the one list. A row here is checked by the API, inherited, shown with its
 * origin, and documented (docs/delivery-templates.md). What is a list or an object has its schema in the contract, under its name.
 */
import { flatten, groupNames, type Property, type PropertyTree } from "./property.ts";

const onOff = { kind: "switch" } as const;
const duration = { kind: "duration" } as const;
const text = (most: number) => ({ kind: "text", most }) as const;
const shape = <N extends string>(name: N) => ({ kind: "shape", name }) as const;

export const GENERAL = {
  label: {
    group: "general",
    type: { kind: "text", least: 1, most: 500 },
    required: true,
    acts: "names it in lists and in the log",
  },
  code: {
    group: "general",
    type: { kind: "text", most: 100, trim: true },
    default: "",
    acts: "names it for other programs; lists find it",
  },
  category: {
    group: "general",
    type: { kind: "text", most: 100, trim: true },
    default: "",
    acts: "a word of your own that lists are filtered by",
  },
  description: { group: "general", type: text(10_000), default: "", acts: "read by colleagues" },
  folder: {
    group: "general",
    type: { kind: "id", of: "folder" },
    otherwise: "in no folder",
    acts: "where lists show it; a delivery inherits the execution folder of its template",
  },
} as const satisfies PropertyTree;

export const TEMPLATE_ONLY = {
  executionFolder: {
    group: "general",
    type: { kind: "id", of: "folder" },
    otherwise: "in no folder",
    only: "templates",
    acts: "the folder of deliveries where those go that are made from it",
  },
} as const satisfies PropertyTree;

export const CONTENT = {
  subject: { group: "content", type: text(10_000), required: true, acts: "Subject; personalised" },
  html: {
    group: "content",
    type: text(5_000_000),
    otherwise: "no HTML part",
    acts: "the HTML part and the mirror page",
  },
  text: { group: "content", type: text(5_000_000), otherwise: "made from the HTML", acts: "the text part" },
  syntax: {
    group: "content",
    type: { kind: "choice", options: ["liquid", "campaign"] },
    default: "liquid",
    acts: "how placeholders are written",
  },
  inlineCss: { group: "content", type: onOff, otherwise: "on", acts: "rules of <style> also become style attributes" },
  generateText: {
    group: "content",
    type: onOff,
    otherwise: "on",
    acts: "makes the text part from the HTML where there is none",
  },
} as const satisfies PropertyTree;

export const SENDER = {
  name: { group: "sender", type: text(2000), default: "", acts: "display name of From; personalised" },
  address: {
    group: "sender",
    type: { kind: "text", least: 3, most: 2000 },
    required: true,
    acts: "address of From; its domain signs",
  },
  replyTo: { group: "sender", type: text(2000), otherwise: "answers go to the sender", acts: "Reply-To" },
  errorAddress: {
    group: "smtp",
    type: text(2000),
    platform: "errorAddress",
    otherwise: "the sender's address",
    acts: "return path (RFC 5321 §4.4): where bounces come back",
  },
} as const satisfies PropertyTree;

export const SETTINGS = {
  validity: {
    group: "validity",
    type: duration,
    default: "5d",
    acts: "attempts end so long after the start, at the platform's validityCap at the latest",
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
  personalisationTimeout: {
    group: "delivery",
    type: { kind: "seconds" },
    default: "5s",
    acts: "most work of making one message; 0s: no limit",
  },
  typology: {
    group: "typology",
    type: { kind: "id", of: "typology" },
    otherwise: "the platform's default typology",
    acts: "the rules that the analysis goes by",
  },
  exclude: {
    group: "typology",
    type: shape("exclude"),
    default: [],
    acts: "who of the target gets no message, as `excluded-by-rule`",
  },
  weight: {
    group: "typology",
    type: { kind: "number", least: 0, most: 1000 },
    default: 5,
    acts: "of deliveries planned for the same people, the heavier goes first by pressure rules",
  },
  plannedFor: {
    group: "typology",
    type: { kind: "instant" },
    otherwise: "the moment of the analysis",
    acts: "the day around which pressure and capacity rules count",
  },
  population: {
    duplicates: {
      group: "typology",
      type: { kind: "choice", options: ["exclude", "keep"] },
      default: "exclude",
      acts: "`keep`: who is in the imported file several times gets as many messages",
    },
    maxErrors: {
      group: "typology",
      type: { kind: "number", least: 0, most: 100 },
      otherwise: "quarantine alone decides",
      acts: "addresses with more errors in a row get nothing, as `bad-quality`",
    },
    quality: {
      group: "typology",
      type: shape("quality"),
      otherwise: "all",
      acts: "whose number in an attribute is less, or who have none, get nothing, as `bad-quality`",
    },
    limit: {
      group: "typology",
      type: shape("limit"),
      otherwise: "all",
      acts: "so many get a message at most, at random or by an attribute; the others are `size-limited`",
    },
    control: {
      group: "typology",
      type: shape("control"),
      otherwise: "nobody",
      acts: "the control group: left out on purpose, as `control-address`",
    },
    seeds: {
      group: "typology",
      type: shape("seeds"),
      otherwise: "none",
      acts: "seed addresses that are mixed in and counted nowhere",
    },
    shuffle: {
      group: "typology",
      type: { kind: "text", least: 1, most: 100 },
      otherwise: "the delivery's id",
      acts: "what chance begins with: the same text chooses the same people",
    },
  },
  waves: {
    group: "delivery",
    type: shape("waves"),
    otherwise: "all at once",
    acts: "leaves in portions: `equal`, `size` (a number or `30%`) `every` so long, or by `calendar`",
  },
  approval: {
    mode: {
      group: "approval",
      type: { kind: "choice", options: ["manual", "semi-automatic", "automatic"] },
      default: "manual",
      acts: "`semi-automatic`: starts by itself after an analysis without warnings; `automatic`: with warnings too; errors always hold it",
    },
    target: {
      group: "approval",
      type: shape("reviewers"),
      otherwise: "nobody is asked",
      acts: "who approves the target; lapses with the next analysis",
    },
    content: {
      group: "approval",
      type: shape("reviewers"),
      otherwise: "nobody is asked",
      acts: "who approves the content; lapses when it is changed",
    },
    start: {
      group: "approval",
      type: shape("reviewers"),
      otherwise: "nobody is asked",
      acts: "who approves the start; lapses with the next analysis",
    },
    deadline: {
      group: "approval",
      type: duration,
      default: "3d",
      acts: "decisions are wanted so long after they were asked for; reminders go out before and then",
    },
    starters: {
      group: "approval",
      type: shape("starters"),
      otherwise: "whoever may start deliveries",
      acts: "who, of those, may start this one",
    },
  },
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
