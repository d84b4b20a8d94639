/** What holders may do, and what they may pass on: nobody gives more than they have. */
import { holds, missingToGive, RESERVED, type Right, RIGHTS, type Rights } from "../../core/operators/rights.ts";
import { appError } from "../../platform/errors.ts";

type Holder = { readonly rights: Rights };

export function hasRight({ rights }: Holder, right: Right): boolean {
  return holds(rights, right);
}

/** Throws `not-permitted`. */
export function requireRight(holder: Holder, right: Right): void {
  if (!hasRight(holder, right)) throw appError("not-permitted", { right });
}

/** Whoever gives rights, or takes charge of somebody who has them, must have them all. Throws `not-permitted`. */
export function requireAll(holder: Holder, wanted: Rights): void {
  const missing = missingToGive(holder.rights, wanted);
  if (missing !== null) throw appError("not-permitted", { right: missing });
}

export type Reserved = (typeof RESERVED)[number];
export type Grant = { readonly rights: readonly Reserved[] | null; readonly scopes: readonly Right[] | null };
type Wanted = { readonly [K in keyof Grant]?: Grant[K] | undefined };

/**
 * What a token that the holder makes is granted. Made in an operator's own session it follows that operator's rights by itself;
 * made with another token it gets those of that token, where nothing is said. Throws `not-permitted` when it would have more.
 */
export function passOn(holder: Holder & { readonly tokenId: string | null }, wanted: Wanted): Grant {
  const follows = holder.tokenId === null;
  if (wanted.rights !== undefined && !(follows && wanted.rights === null)) requireAll(holder, wanted.rights);
  if (wanted.scopes) requireAll(holder, wanted.scopes);
  const rights = wanted.rights ?? (follows ? null : reservedOf(holder.rights));
  const scopes = wanted.scopes ?? (follows || hasAllOrdinary(holder.rights) ? null : holder.rights);
  return { rights: rights && [...new Set(rights)], scopes: scopes && [...new Set(scopes)] };
}

function reservedOf(rights: Rights): readonly Reserved[] | null {
  return rights && RESERVED.filter((right) => rights.includes(right));
}

function hasAllOrdinary(rights: Rights): boolean {
  const reserved: readonly Right[] = RESERVED;
  return RIGHTS.every((right) => holds(rights, right) || reserved.includes(right));
}
