/** What the page of reply texts decides: filters in the address, what varies in a text, its days, which acts it offers. */
import type { FailureReason, FailureType } from "../../../src/contract/index.ts";
import type { ReplyTextAnswer, ReplyTextDay } from "../../../src/contract/reply-texts.ts";
import type { TextFilter } from "../../queries-bounces.ts";
import { oneOf, text } from "../../search.ts";

/** The first is what the page is for: it needs no word in the address. */
export const STATES = ["to-qualify", "keep", "ignore", "all"] as const;
export type ShownState = (typeof STATES)[number];

export const TYPES = ["hard", "soft", "ignored", "not-defined"] as const satisfies readonly FailureType[];

/** What a person can say; that nobody knows is no answer. */
export const SAID_TYPES = ["hard", "soft", "ignored"] as const satisfies readonly FailureType[];
export const SAID_REASONS = [
  "user-unknown",
  "mailbox-full",
  "account-disabled",
  "invalid-domain",
  "unreachable",
  "refused",
  "error-ignored",
] as const satisfies readonly FailureReason[];

export type TextSearch = {
  state?: Exclude<ShownState, "to-qualify"> | undefined;
  provider?: string | undefined;
  type?: FailureType | undefined;
  find?: string | undefined;
  /** Id of the text in the drawer. */
  text?: string | undefined;
};

export function textSearch(search: Record<string, unknown>): TextSearch {
  const id = text(search["text"]);
  return {
    state: oneOf(["keep", "ignore", "all"] as const, search["state"]),
    provider: text(search["provider"]),
    type: oneOf(TYPES, search["type"]),
    find: text(search["find"]),
    text: id !== undefined && /^\d{1,15}$/.test(id) ? id : undefined,
  };
}

export const shownState = ({ state }: TextSearch): ShownState => state ?? "to-qualify";

export function textFilter(search: TextSearch): TextFilter {
  const state = shownState(search);
  return {
    state: state === "all" ? undefined : state,
    provider: search.provider,
    type: search.type,
    search: search.find,
  };
}

export const isFiltered = ({ provider, type, find }: TextSearch): boolean =>
  provider !== undefined || type !== undefined || find !== undefined;

/** Signs that turn the direction of what follows, or that nobody sees: servers' texts could show one thing and say another. */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

/** Each such sign by its name: `‹U+202E›`. */
export function visible(words: string): string {
  return words.replace(HIDDEN, (sign) => `‹U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

export type TextPart = { text: string; varies: boolean };

/** `#xxx#` and `*` stand for what differs from reply to reply. */
export function partsOf(normalised: string): TextPart[] {
  return visible(normalised)
    .split(/(#xxx#|\*)/)
    .filter((part) => part !== "")
    .map((part) => ({ text: part, varies: part === "#xxx#" || part === "*" }));
}

export const DAYS_SHOWN = 30;
const DAY_MS = 86_400_000;

/** The last days up to today (UTC), each with its count: those without any too. */
export function lastDays(days: readonly ReplyTextDay[], now: number): ReplyTextDay[] {
  const counts = new Map(days.map(({ day, count }) => [day, count]));
  return Array.from({ length: DAYS_SHOWN }, (_, index) => {
    const day = new Date(now - (DAYS_SHOWN - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { day, count: counts.get(day) ?? 0 };
  });
}

/** Names that begin so are the program's own: no rule decided. */
export const isByNobody = ({ rule }: Pick<ReplyTextAnswer, "rule">): boolean => rule.startsWith("default-");
