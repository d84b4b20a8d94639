/** All that an expression can name: facts about a delivery, and functions. The API lists them, the editor offers them. */
import type { Phase } from "../rule.ts";
import type { Type } from "./nodes.ts";

export type Fact = {
  readonly type: Type;
  /** The first phase in which it is known. */
  readonly from: Phase;
  readonly about: string;
};

const known =
  (from: Phase) =>
  (type: Type, about: string): Fact => ({ type, from, about });
const always = known("before-target");
const targeted = known("after-target");

/** Texts of the content are as its templates have them: personalisation is not filled in. */
export const FACTS = {
  now: always("date", "the time of the analysis"),
  "delivery.id": always("text", "its number"),
  "delivery.label": always("text", "its label"),
  "delivery.createdAt": always("date", "when it was made"),
  "delivery.nature": always("text", '"marketing" or "service"'),
  "delivery.mode": always("text", '"live", "test-smtp" or "verify"'),
  "delivery.priority": always("text", '"very-low" to "very-high"'),
  "delivery.pool": always("text", 'name of its pool, "" for none'),
  "delivery.template": always("text", 'id of the template that it was made from, "" for none'),
  "delivery.format": always("text", '"recipient", "alternative", "html" or "text"'),
  "delivery.charset": always("text", "character set, in lower case"),
  "delivery.mirror": always("text", "mode of the mirror page"),
  "delivery.validity": always("duration", "how long attempts may go on"),
  "delivery.speed": always("number", "messages an hour at most, 0 for no limit"),
  "delivery.tracksClicks": always("boolean", "links are tracked"),
  "delivery.tracksOpens": always("boolean", "opens are tracked"),
  "delivery.listUnsubscribe": always("boolean", "messages have the header List-Unsubscribe"),
  "delivery.archives": always("boolean", "copies go to an archive"),
  "delivery.audience": always("text", '"all", "list", "import", "segment" or "delivery"'),
  "delivery.exclusions": always("number", "how many exclusion rules of its own it has"),
  "sender.name": always("text", "name in From"),
  "sender.address": always("text", "address in From"),
  "sender.domain": always("text", "domain of the address in From, in lower case"),
  "sender.replyTo": always("text", 'reply-to address, "" for none'),
  "sender.errorAddress": always("text", 'error address, "" for that of the platform'),
  "content.subject": always("text", "subject"),
  "content.html": always("text", 'HTML part, "" for none'),
  "content.text": always("text", 'text part, "" for none'),
  "content.hasHtml": always("boolean", "there is an HTML part"),
  "content.hasText": always("boolean", "there is a text part"),
  "content.size": always("number", "bytes of a message before personalisation, attachments included"),
  "content.links": always("texts", "addresses of all links"),
  "content.trackedLinks": always("texts", "addresses of the links that are tracked"),
  "content.hasUnsubscribeLink": always("boolean", "there is a link to unsubscribe"),
  "content.hasMirrorLink": always("boolean", "there is a link to the mirror page"),
  "content.images": always("texts", "addresses of the images in the HTML"),
  "content.imagesWithoutAlt": always("number", "images in the HTML without an alternative text"),
  "content.attachments": always("texts", "names of the attachments"),
  "content.attachmentSize": always("number", "bytes of all attachments"),
  "content.headers": always("texts", "names of the additional headers"),
  "content.attributes": always("texts", "attributes of the recipient that the content uses"),
  "counts.targeted": targeted("number", "people of the target"),
  "counts.toDeliver": targeted("number", "people who get a message"),
  "counts.excluded": targeted("number", "people of the target who get none"),
} as const satisfies Readonly<Record<string, Fact>>;
export type FactName = keyof typeof FACTS;

/**
 * What a function takes: a type; `either` a text or a list; `measure` a number, date or duration; `condition` an
 * expression about `it`, asked for each entry of the list before; the others are texts that stand in the expression.
 */
export type Parameter =
  | Type
  | "either"
  | "measure"
  | "condition"
  | "any"
  | "zone"
  | "reason"
  | "date-text"
  | "constant";

export type FunctionWords = {
  readonly takes: readonly Parameter[];
  /** Of the parameters, how many may be left out at the end. */
  readonly optional?: number;
  /** Null: the type of its second (`if`) or first argument. */
  readonly gives: Type | null;
  readonly from?: Phase;
  readonly about: string;
};

export const FUNCTIONS = {
  all: { takes: ["texts", "condition"], gives: "boolean", about: "whether the condition holds for each entry, `it`" },
  any: { takes: ["texts", "condition"], gives: "boolean", about: "whether the condition holds for an entry, `it`" },
  count: { takes: ["texts", "condition"], gives: "number", about: "for how many entries, `it`, the condition holds" },
  capitals: { takes: ["text"], gives: "number", about: "share of the letters that are capitals" },
  contains: {
    takes: ["text", "text"],
    gives: "boolean",
    about: "whether the first text has the second in it; case does not matter",
  },
  date: {
    takes: ["date-text"],
    gives: "date",
    about: 'a day or time: date("2026-12-24"), date("2026-12-24T18:00:00Z")',
  },
  domain: { takes: ["text"], gives: "text", about: "domain of an address, in lower case" },
  endsWith: {
    takes: ["text", "text"],
    gives: "boolean",
    about: "whether the first text ends with the second; case does not matter",
  },
  excluded: {
    takes: ["reason"],
    gives: "number",
    from: "after-target",
    about: 'people who get none for one reason: excluded("quarantined")',
  },
  header: { takes: ["text"], gives: "text", about: 'value of an additional header, "" without' },
  host: { takes: ["text"], gives: "text", about: 'host of a web address, in lower case, "" without' },
  hour: {
    takes: ["date", "zone"],
    optional: 1,
    gives: "number",
    about: 'hour of the day, 0 to 23: hour(now, "Europe/Paris")',
  },
  if: {
    takes: ["boolean", "any", "any"],
    gives: null,
    about: "the second value where the first holds, else the third",
  },
  length: { takes: ["either"], gives: "number", about: "characters of a text, entries of a list" },
  lower: { takes: ["text"], gives: "text", about: "in lower case" },
  matches: {
    takes: ["text", "constant"],
    gives: "boolean",
    about: "whether the whole text is like the pattern; * stands for any characters, case does not matter",
  },
  max: { takes: ["measure", "measure"], gives: null, about: "the greater of two" },
  min: { takes: ["measure", "measure"], gives: null, about: "the smaller of two" },
  month: { takes: ["date", "zone"], optional: 1, gives: "number", about: "month, 1 to 12" },
  share: { takes: ["number", "number"], gives: "number", about: "the first of the second, 0 to 1; 0 of nothing" },
  startsWith: {
    takes: ["text", "text"],
    gives: "boolean",
    about: "whether the first text begins with the second; case does not matter",
  },
  trim: { takes: ["text"], gives: "text", about: "without blanks around it" },
  variable: { takes: ["text"], gives: "text", about: 'value of a variable of the delivery, "" without' },
  weekday: { takes: ["date", "zone"], optional: 1, gives: "number", about: "day of the week, 1 (Monday) to 7" },
} as const satisfies Readonly<Record<string, FunctionWords>>;
export type FunctionName = keyof typeof FUNCTIONS;

export const isFact = (name: string): name is FactName => Object.hasOwn(FACTS, name);
export const isFunction = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name);
export const factOf = (name: FactName): Fact => FACTS[name];
export const functionOf = (name: FunctionName): FunctionWords => FUNCTIONS[name];
