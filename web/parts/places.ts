/**
 * The places of the navigation, parted by use, and the rights that each page asks for: what somebody may not open is not offered, and
 * what they may not change has no buttons. Whether it really may be done the server decides (src/core/operators/route-rights.ts).
 */
import {
  IconArchive,
  IconBell,
  IconBlocks,
  IconChartPie,
  IconChecklist,
  IconFileImport,
  IconInbox,
  IconListDetails,
  IconMailbox,
  IconMailBolt,
  IconMailOff,
  IconMessageReport,
  IconRepeat,
  IconRoad,
  IconSend,
  IconSettings,
  IconShieldX,
  IconTemplate,
  IconUserCog,
  IconUsers,
  IconWorld,
} from "@tabler/icons-react";

import type { Right } from "../../src/contract/operators.ts";

/** What is done each day; whom it goes to; how it gets there; what the platform is set up with. */
export const GROUPS = [
  {
    word: "campaigns",
    places: [
      { to: "/deliveries", word: "deliveries", icon: IconSend },
      { to: "/messages", word: "messages", icon: IconListDetails },
      { to: "/single-messages", word: "singleMessages", icon: IconMailBolt },
      { to: "/series", word: "series", icon: IconRepeat },
      { to: "/templates", word: "templates", icon: IconTemplate },
      { to: "/blocks", word: "blocks", icon: IconBlocks },
      { to: "/typologies", word: "typologies", icon: IconChecklist },
    ],
  },
  {
    word: "audience",
    places: [
      { to: "/recipients", word: "recipients", icon: IconUsers },
      { to: "/segments", word: "segments", icon: IconChartPie },
      { to: "/imports", word: "imports", icon: IconFileImport },
      { to: "/quarantine", word: "quarantine", icon: IconShieldX },
      { to: "/unsubscriptions", word: "unsubscriptions", icon: IconMailOff },
    ],
  },
  {
    word: "delivering",
    places: [
      { to: "/sending", word: "sending", icon: IconRoad },
      { to: "/reply-texts", word: "bounces", icon: IconMessageReport },
      { to: "/inbound-mails", word: "inbound", icon: IconInbox },
      { to: "/domains", word: "domains", icon: IconWorld },
      { to: "/archive", word: "archive", icon: IconArchive },
    ],
  },
  {
    word: "platform",
    places: [
      { to: "/alerts", word: "alerts", icon: IconBell },
      { to: "/operators", word: "operators", icon: IconUserCog },
      { to: "/settings", word: "settings", icon: IconSettings },
      { to: "/sandbox", word: "sandbox", icon: IconMailbox },
    ],
  },
] as const;
export type Place = (typeof GROUPS)[number]["places"][number];

/** Pages that are tabs of a place under another address. */
export const ALSO: Partial<Record<Place["to"], readonly string[]>> = {
  "/reply-texts": ["/bounce-rules", "/requalifications"],
  "/recipients": ["/lists", "/services", "/attributes"],
  "/operators": ["/tokens", "/audit"],
  "/alerts": ["/webhooks"],
};

export type Needs = {
  /** Opens the page. */
  read: Right;
  /** Changes what is on it; left out: whoever may read. */
  write?: Right;
};

/** By the beginning of the address; a longer one counts before a shorter one. */
const NEEDS: Readonly<Record<string, Needs>> = {
  "/deliveries": { read: "reports.read", write: "deliveries.write" },
  "/deliveries/new": { read: "deliveries.write" },
  "/series": { read: "reports.read", write: "deliveries.write" },
  "/series/new": { read: "deliveries.write" },
  "/messages": { read: "people.read" },
  "/single-messages": { read: "people.read", write: "messages.send" },
  "/templates": { read: "content.read", write: "content.write" },
  "/blocks": { read: "content.read", write: "content.write" },
  "/typologies": { read: "deliveries.write", write: "rules.write" },
  "/recipients": { read: "people.read", write: "people.write" },
  "/lists": { read: "people.read", write: "people.write" },
  "/services": { read: "people.read", write: "people.write" },
  "/attributes": { read: "people.read", write: "people.write" },
  "/segments": { read: "people.read", write: "people.write" },
  "/imports": { read: "people.read", write: "people.write" },
  "/quarantine": { read: "people.read", write: "quarantine.write" },
  "/unsubscriptions": { read: "people.read" },
  "/sending": { read: "platform.read", write: "platform.write" },
  "/reply-texts": { read: "platform.read", write: "rules.write" },
  "/bounce-rules": { read: "platform.read", write: "rules.write" },
  "/requalifications": { read: "platform.read", write: "rules.write" },
  "/inbound-mails": { read: "people.read" },
  "/inbound-mails/mailboxes": { read: "platform.read", write: "platform.write" },
  "/domains": { read: "platform.read", write: "platform.write" },
  "/archive": { read: "platform.read", write: "archive" },
  "/alerts": { read: "platform.read", write: "platform.write" },
  "/webhooks": { read: "platform.read", write: "platform.write" },
  "/operators": { read: "operators" },
  "/operators/sign-in": { read: "platform.write", write: "platform.write" },
  "/tokens": { read: "tokens" },
  "/audit": { read: "audit.read" },
  "/settings": { read: "reports.read", write: "platform.write" },
  "/sandbox": { read: "people.read" },
};
/** Only who may see single persons, below a delivery. */
const ONE_BY_ONE = /^\/deliveries\/[^/]+\/(?:messages|exclusions)$/;

/** Undefined: whoever is signed in. */
export function needsOf(path: string): Needs | undefined {
  if (ONE_BY_ONE.test(path)) return { read: "people.read" };
  const parts = path.split("/");
  for (let end = parts.length; end > 1; end--) {
    const found = NEEDS[parts.slice(0, end).join("/")];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Null: all rights. */
export type Rights = readonly Right[] | null;

export const isIn = (rights: Rights, right: Right | undefined): boolean =>
  right === undefined || rights === null || rights.includes(right);

export const mayOpen = (rights: Rights, path: string): boolean => isIn(rights, needsOf(path)?.read);

/** Where a place leads somebody: to itself, or to the first of its other tabs that they may open; null: it is not for them. */
export function entryOf(place: Place["to"], rights: Rights): string | null {
  return [place, ...(ALSO[place] ?? [])].find((path) => mayOpen(rights, path)) ?? null;
}

export const isBelow = (path: string, place: Place["to"]): boolean =>
  [place, ...(ALSO[place] ?? [])].some((each) => path === each || path.startsWith(`${each}/`));
