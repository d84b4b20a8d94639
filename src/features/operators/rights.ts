/** What single tokens may do beside all that every token may. Who has a right can give it to others, nobody else. */
import { appError } from "../../platform/errors.ts";

/** `archive`: sees where copies go, and changes it. */
export const RIGHTS = ["archive"] as const;
export type Right = (typeof RIGHTS)[number];

/** Null: all rights, also those that later versions know. */
export type Rights = readonly Right[] | null;

type Holder = { readonly rights: Rights };

export function hasRight({ rights }: Holder, right: Right): boolean {
  return rights === null || rights.includes(right);
}

/** Throws `not-permitted`. */
export function requireRight(holder: Holder, right: Right): void {
  if (!hasRight(holder, right)) throw appError("not-permitted", { right });
}

/** The rights of a token that the holder makes. Throws `not-permitted` when it would have more than its maker. */
export function passOn(holder: Holder, wanted: Rights | undefined): Rights {
  if (wanted === undefined) return holder.rights;
  if (wanted === null && holder.rights !== null) throw appError("not-permitted", { right: "all" });
  for (const right of wanted ?? []) requireRight(holder, right);
  return wanted && [...new Set(wanted)];
}
