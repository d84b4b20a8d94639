/** How archives are doing, by what they answered lately: whether they take copies at all, and whether they are quick. */
import type { Rest } from "../core/shaping/controller.ts";
import { type Duration, type Instant, MINUTE, SECOND } from "../core/time.ts";

/** An archive that gave us no session is asked again soon: its owner waits for it to catch up. */
export const REST: Rest = { first: 5 * SECOND, longest: 2 * MINUTE };
/** So many refusals in a row are the archive's trouble, not that of single copies. */
const REFUSALS_IN_A_ROW = 10;
/** Mean time of the latest answers, in ms, below which an archive is quick; and how much the latest one counts. */
const QUICK_MS = 1000;
const LATEST = 0.1;
/** An archive that says nothing for so long to what is made for it is not quick, whatever its answers were like. */
const SILENT_MS: Duration = 2 * SECOND;

export type Trouble = { readonly until: Instant; readonly reason: string };

export type ArchiveHealth = {
  /** Null: it takes copies, as far as known. */
  trouble(archive: number): Trouble | null;
  setTrouble(archive: number, trouble: Trouble): void;
  /** It took a copy: whatever was, is over. */
  noteAccepted(archive: number): void;
  /** True: it has refused so much that it is left alone from now on. One refusal is about one copy; many in a row are about the archive. */
  noteRefused(archive: number, reason: string): boolean;
  /** What it said last that was no acceptance; null after an acceptance. */
  lastRefusal(archive: number): string | null;
  noteAnswer(archive: number, ms: number): void;
  /** A copy is made, and only the archive can be what it waits for. */
  noteMade(archive: number): void;
  /** No copy is on its way to it any more. */
  noteIdle(archive: number): void;
  isQuick(archive: number): boolean;
  /** Somebody wants it tried at once. */
  forgive(): void;
};

export function createArchiveHealth(now: () => Instant): ArchiveHealth {
  const troubles = new Map<number, Trouble>();
  /** Times in a row that an archive was left alone for its refusals. */
  const rests = new Map<number, number>();
  const refusals = new Map<number, number>();
  const lastRefusals = new Map<number, string>();
  const answerMs = new Map<number, number>();
  /** Since when an archive with copies on their way to it has said nothing. */
  const silentSince = new Map<number, Instant>();

  const troubleOf = (archive: number): Trouble | null => {
    const trouble = troubles.get(archive);
    return trouble && trouble.until > now() ? trouble : null;
  };

  return {
    trouble: troubleOf,
    setTrouble: (archive, trouble) => {
      troubles.set(archive, trouble);
      lastRefusals.set(archive, trouble.reason);
    },
    noteAccepted: (archive) => {
      for (const signs of [refusals, rests, troubles, lastRefusals]) signs.delete(archive);
    },
    noteRefused: (archive, reason) => {
      lastRefusals.set(archive, reason);
      const inARow = (refusals.get(archive) ?? 0) + 1;
      refusals.set(archive, inARow % REFUSALS_IN_A_ROW);
      if (inARow < REFUSALS_IN_A_ROW || troubleOf(archive)) return false;
      const times = rests.get(archive) ?? 0;
      rests.set(archive, times + 1);
      troubles.set(archive, {
        until: now() + Math.min(REST.longest, REST.first * 2 ** Math.min(times, 16)),
        reason,
      });
      return true;
    },
    lastRefusal: (archive) => lastRefusals.get(archive) ?? null,
    noteAnswer: (archive, ms) => {
      answerMs.set(archive, ms * LATEST + (answerMs.get(archive) ?? ms) * (1 - LATEST));
      silentSince.set(archive, now());
    },
    noteMade: (archive) => {
      if (!silentSince.has(archive)) silentSince.set(archive, now());
    },
    noteIdle: (archive) => silentSince.delete(archive),
    isQuick: (archive) =>
      (answerMs.get(archive) ?? 0) <= QUICK_MS && now() - (silentSince.get(archive) ?? now()) <= SILENT_MS,
    forgive: () => {
      for (const signs of [refusals, rests, troubles]) signs.clear();
    },
  };
}
