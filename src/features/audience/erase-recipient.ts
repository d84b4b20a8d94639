/**
 * Erases a person: profile, lists, and the address and values in their messages. What archives hold lies outside: the answer lists what must
 * be erased there. Whoever is still to get a message, or whose copies are still owed, cannot be erased: there would be nothing to make
 * them of.
 */
import type { Erasure } from "../../contract/index.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { recordArchiveEvent } from "../../platform/archive-events.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import {
  eraseMessages,
  eraseProfile,
  findAnalysing,
  listOutsideCopies,
  lockErasable,
  lockMessagesOf,
  type OutsideCopy,
  type OwnMessage,
} from "./erase-store.ts";
import { lockRecipients } from "./recipients-lock.ts";

/** More copies of one person than a log of half a year has; beyond that only their number is told. */
const MAX_COPIES = 1000;

/** Throws `recipient-busy`; then nothing was erased. */
export function eraseRecipient(db: Db, id: number, actor: string, now: Instant): Promise<Erasure> {
  return db.transaction(async (tx) => {
    await lockRecipients(tx, "shared");
    const recipient = await lockErasable(tx, id);
    if (recipient === null) throw appError("not-found", { what: "recipient", id });
    const messages = await lockMessagesOf(tx, recipient);
    const why = await findObstacle(tx, messages);
    if (why !== null) throw appError("recipient-busy", { id, why });
    const keys = messages.map(({ part_id: partId, seq }) => ({ partId, seq }));
    const copies = await listOutsideCopies(tx, keys, MAX_COPIES);
    await eraseMessages(tx, keys, recipient);
    const { blocked } = await eraseProfile(tx, recipient, now);
    const erasure = {
      recipientId: String(id),
      messages: keys.length,
      blocked,
      copies: copies.map(presentCopy),
      copiesTotal: copies[0]?.total ?? 0,
    };
    await recordArchiveEvent(tx, { archive: null, kind: "erased", actor, at: now, detail: erasure });
    return erasure;
  });
}

async function findObstacle(tx: Tx, messages: readonly OwnMessage[]): Promise<string | null> {
  const analysing = await findAnalysing(tx);
  if (analysing !== null) return `delivery ${analysing} is being analysed, which may make a message for them`;
  const name = ({ part_id: partId, seq, delivery_id }: OwnMessage) =>
    `message ${formatKey({ partId, seq })} of delivery ${delivery_id}`;
  const open = messages.find(({ final }) => !final);
  if (open) return `${name(open)} is not final; stop the delivery or let it end first`;
  const owed = messages.find((message) => message.owed);
  if (owed) return `a copy of ${name(owed)} is still owed to an archive`;
  const leased = messages.find((message) => message.leased);
  return leased ? `${name(leased)} is in the hands of a sender` : null;
}

function presentCopy(copy: OutsideCopy): Erasure["copies"][number] {
  return {
    archiveId: String(copy.archive),
    archiveName: copy.name,
    deliveryId: String(copy.delivery_id),
    key: formatKey({ partId: copy.part_id, seq: copy.seq }),
    archivedAt: copy.archived_at === null ? null : formatInstant(copy.archived_at),
    location: copy.location,
  };
}
