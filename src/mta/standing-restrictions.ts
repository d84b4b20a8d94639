/**
 * The restrictions that hold here: those that were read from the database, and those decided or ended here that are not written down yet.
 * Inside it is the steady clock.
 */
import { indexRestrictions, type RestrictionIndex } from "../core/shaping/effective.ts";
import type { Restriction } from "../core/shaping/restriction.ts";
import type { Instant } from "../core/time.ts";
import type { Told } from "./shaping-log.ts";

export type StandingRestrictions = {
  readonly isEmpty: () => boolean;
  /** For what holds at a place; another one after each change. */
  readonly index: () => RestrictionIndex;
  add(restriction: Restriction): void;
  end(id: string): void;
  /** What the database has now takes the place of all but what is not written down yet. True: something holds no longer. */
  replace(decided: readonly Restriction[]): boolean;
  /** These are where `replace` gets them from. */
  readonly saved: (told: Told) => void;
  readonly all: () => readonly Restriction[];
};

export function createStandingRestrictions(steady: () => Instant): StandingRestrictions {
  let all: readonly Restriction[] = [];
  const unsaved = new Set<string>();
  const unsavedEnds = new Set<string>();
  let index = indexRestrictions(all, steady());

  const hold = (restrictions: readonly Restriction[], now: Instant) => {
    all = restrictions;
    index = indexRestrictions(all, now);
  };

  return {
    isEmpty: () => all.length === 0,
    index: () => index,
    add: (restriction) => {
      const now = steady();
      unsaved.add(restriction.id);
      hold([...all.filter((each) => !isOver(each, now)), restriction], now);
    },
    end: (id) => {
      unsavedEnds.add(id);
      hold(
        all.filter((restriction) => restriction.id !== id),
        steady(),
      );
    },
    replace: (decided) => {
      const now = steady();
      const standing = decided.filter(({ id }) => !unsavedEnds.has(id));
      const known = new Set(standing.map(({ id }) => id));
      const isNotWritten = ({ id }: Restriction) => unsaved.has(id) && !known.has(id);
      const isFreer = all.some((each) => !known.has(each.id) && !unsaved.has(each.id) && !isOver(each, now));
      hold([...standing, ...all.filter((each) => isNotWritten(each) && !isOver(each, now))], now);
      const held = new Set(all.map(({ id }) => id));
      for (const id of unsaved) if (!held.has(id)) unsaved.delete(id);
      return isFreer;
    },
    saved: ({ events, ended }) => {
      for (const { id } of events) unsaved.delete(id);
      for (const { id } of ended) unsavedEnds.delete(id);
    },
    all: () => all,
  };
}

function isOver({ until }: Restriction, now: Instant): boolean {
  return until !== null && until <= now;
}
