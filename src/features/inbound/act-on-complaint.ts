/** What a complaint does: the address goes on the denylist, and the message is marked. */
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import { isComplaintOfPerson, readFeedback } from "../../core/inbound/feedback.ts";
import { findRecipient } from "../unsubscribe/index.ts";
import { type Acted, type InboundDeps, NOTHING, type Opened, told } from "./acted.ts";
import { applyComplaint } from "./complaint-store.ts";

/** Reports that a program made for its own ends are only noted. */
export async function actOnComplaint({ db, now }: InboundDeps, { mail }: Opened, key: MessageKey): Promise<Acted> {
  // Not by the recipients that it names: many name none.
  const isOfPerson = isComplaintOfPerson(readFeedback(mail)?.type ?? "abuse");
  const recipient = await findRecipient(db, key);
  if (recipient === null) return told("message-unknown", { ...NOTHING, outcome: "message-unknown" });
  const { address, deliveryId } = recipient;
  const message = { ...key, deliveryId };
  if (!isOfPerson) return told("automatic", { ...NOTHING, message, address, outcome: "noted" });
  const changed = await db.transaction((tx) => applyComplaint(tx, { ...message, address }, now()));
  return {
    answer: { kind: "complaint", messageKey: formatKey(key), address, changed },
    noted: { ...NOTHING, message, address, outcome: changed ? "complained" : "unchanged" },
    isUnreadable: false,
  };
}
