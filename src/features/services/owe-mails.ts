/** Mails of a service that are owed: counted for their mailboxes, and written together with what they are about. */
import { createHash } from "node:crypto";

import { mailboxOf } from "../../core/service/mail-limit.ts";
import type { ServiceMailKind } from "../../core/service/subscription.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import type { PageLanguage } from "../../platform/public-page.ts";
import { notify } from "../notices/index.ts";
import { builtInMail } from "./built-in-mails.ts";
import { countMails, insertMails, type NewMail } from "./mail-store.ts";
import type { ServiceRow } from "./store.ts";

const hashOf = (matchKey: string): Buffer => createHash("sha256").update(mailboxOf(matchKey)).digest();

/** Those who may get one more mail, in their order; it is counted for them. */
export async function admitMails<T extends { readonly matchKey: string }>(
  tx: Tx,
  people: readonly T[],
  now: Instant,
): Promise<T[]> {
  const admitted = new Set<T>();
  // Addresses of the same mailbox take turns.
  let waiting = people;
  while (waiting.length > 0) {
    const turn = new Map(waiting.toReversed().map((person) => [hashOf(person.matchKey).toString("hex"), person]));
    const granted = await countMails(
      tx,
      [...turn.keys()].toSorted().map((hash) => Buffer.from(hash, "hex")),
      now,
    );
    for (const [hash, person] of turn) if (granted.has(hash)) admitted.add(person);
    waiting = waiting.filter((person) => {
      const hash = hashOf(person.matchKey).toString("hex");
      return turn.get(hash) !== person && granted.has(hash);
    });
  }
  return people.filter((person) => admitted.has(person));
}

/** Without a template the built-in text goes out with the transaction; it is the journal's all the same. */
export async function oweConfirmations(
  tx: Tx,
  service: ServiceRow,
  language: PageLanguage,
  mails: readonly NewMail[],
  now: Instant,
): Promise<void> {
  const templateId = service.confirmation_template;
  await insertMails(tx, { serviceId: service.id, kind: "confirmation", language, templateId }, mails, now);
  if (templateId !== null) return;
  for (const { address, data } of mails) {
    await notify(tx, { to: [address], ...builtInMail("confirmation", language, service.name, data.link) }, now);
  }
}

/** Nothing where the service has no template for them. Whoever has had too many gets none. */
export async function oweNews(
  tx: Tx,
  service: ServiceRow,
  kind: Exclude<ServiceMailKind, "confirmation">,
  { language, people }: { readonly language: PageLanguage; readonly people: readonly Omit<NewMail, "data">[] },
  now: Instant,
): Promise<void> {
  const templateId = kind === "welcome" ? service.welcome_template : service.goodbye_template;
  if (templateId === null || people.length === 0) return;
  const mails = (await admitMails(tx, people, now)).map((person) => ({
    ...person,
    data: { attributes: {}, link: "" },
  }));
  await insertMails(tx, { serviceId: service.id, kind, language, templateId }, mails, now);
}
