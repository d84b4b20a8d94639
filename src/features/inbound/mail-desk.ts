/**
 * Stores mail of many connections: while one transaction is written, what comes in meanwhile is gathered for the next one. So many
 * servers at once cost as many commits as the disk can do, and none waits for more than two.
 */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { type NewMail, storeMails } from "./mail-store.ts";

/** Of one transaction; a single one may be heavier. */
const MOST = { letters: 200, bytes: 32 * 1024 * 1024 };

/** The copies of one mail for its recipients: all are stored or none. */
type Letter = {
  readonly mails: readonly NewMail[];
  readonly bytes: number;
  readonly settle: PromiseWithResolvers<void>;
};

export type MailDesk = {
  /** Resolves when they are stored; rejects when they are not. */
  store(mails: readonly NewMail[]): Promise<void>;
};

export function openMailDesk(db: Db, now: () => Instant): MailDesk {
  const waiting: Letter[] = [];
  let isWriting = false;
  const write = async () => {
    isWriting = true;
    while (waiting.length > 0) await storeLetters(db, takeSome(waiting), now);
    isWriting = false;
  };
  return {
    store: (mails) => {
      const settle = Promise.withResolvers<void>();
      waiting.push({ mails, bytes: mails.reduce((sum, { raw }) => sum + raw.length, 0), settle });
      if (!isWriting) void write();
      return settle.promise;
    },
  };
}

function takeSome(waiting: Letter[]): Letter[] {
  let bytes = 0;
  const fits = (letter: Letter, i: number) => i === 0 || (i < MOST.letters && (bytes += letter.bytes) <= MOST.bytes);
  const over = waiting.findIndex((letter, i) => !fits(letter, i));
  return waiting.splice(0, over < 0 ? waiting.length : over);
}

/** Never rejects. One that the database does not take must not keep the others out. */
async function storeLetters(db: Db, letters: readonly Letter[], now: () => Instant): Promise<void> {
  try {
    await storeMails(
      db,
      letters.flatMap(({ mails }) => mails),
      now(),
    );
    for (const { settle } of letters) settle.resolve();
  } catch (error) {
    const [first, ...more] = letters;
    if (more.length === 0) return first?.settle.reject(error);
    for (const letter of letters) await storeLetters(db, [letter], now);
  }
}
