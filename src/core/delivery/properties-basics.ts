/** Properties of deliveries and templates: what they are found by, content and sender. The list goes on in `properties.ts`. */
import { onOff, type PropertyTree, text } from "./property.ts";

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
  name: {
    group: "sender",
    type: text(2000),
    default: "",
    platform: "sender.name",
    acts: "display name of From; personalised",
  },
  address: {
    group: "sender",
    type: text(2000),
    default: "",
    platform: "sender.address",
    otherwise: "there is no delivery",
    acts: "address of From; its domain signs; personalised",
  },
  replyToName: {
    group: "sender",
    type: text(2000),
    platform: "sender.replyToName",
    otherwise: "none",
    acts: "display name of Reply-To; personalised",
  },
  replyTo: {
    group: "sender",
    type: text(2000),
    platform: "sender.replyTo",
    otherwise: "answers go to the sender",
    acts: "Reply-To; personalised",
  },
  errorAddress: {
    group: "smtp",
    type: text(2000),
    platform: "errorAddress",
    otherwise: "the sender's address",
    acts: "return path (RFC 5321 §4.4): where bounces come back",
  },
  unqualifiedAddress: {
    group: "smtp",
    type: text(320),
    platform: "unqualifiedAddress",
    otherwise: "nobody gets them",
    acts: "gets a copy of bounces of this delivery that nobody could read",
  },
} as const satisfies PropertyTree;
