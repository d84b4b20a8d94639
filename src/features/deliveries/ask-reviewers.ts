/** Mails to the people whose decision a delivery waits for: when they are asked, and when they forget. Whoever has all rights may decide, and is left in peace. */
import { remindersDue, type ApprovalKind } from "../../core/delivery/approvals.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { notify } from "../notices/index.ts";
import { listAddresses } from "../operators/index.ts";
import * as store from "./approvals-store.ts";
import { announce } from "./transition.ts";

const AT_ONCE = 1000;

type About = Pick<store.Subject, "label" | "approval" | "to_deliver" | "public_url">;

export async function askReviewers(
  tx: Tx,
  id: number,
  about: About,
  kinds: readonly ApprovalKind[],
  deadline: Instant,
  now: Instant,
): Promise<void> {
  for (const kind of kinds) {
    await write(
      tx,
      id,
      about,
      kind,
      `Please approve: ${about.label} (${kind})`,
      `until ${formatInstant(deadline)}`,
      now,
    );
  }
}

/** Reminds of all decisions that are due soon or over. Each has one reminder of either kind. */
export async function remindReviewers(db: Db, now: Instant): Promise<void> {
  for (const { id: approval, delivery_id: id, kind, reminders, ...times } of await store.listOpen(db, AT_ONCE)) {
    const due = remindersDue(times.asked_at, times.deadline, now);
    if (due <= reminders) continue;
    await db.transaction(async (tx) => {
      const subject = await store.findSubject(tx, id);
      if (subject === null || !(await store.noteReminder(tx, approval, reminders, due))) return;
      const deadline = formatInstant(times.deadline);
      await announce(tx, id, "approval.reminded", "worker", now, { kind, deadline, overdue: due === 2 });
      const when = due === 2 ? `it was wanted until ${deadline}; the delivery waits` : `until ${deadline}`;
      await write(tx, id, subject, kind, `Reminder: ${subject.label} (${kind}) waits for your approval`, when, now);
    });
  }
}

async function write(
  tx: Tx,
  id: number,
  { label, approval, to_deliver: people, public_url: base }: About,
  kind: ApprovalKind,
  subject: string,
  when: string,
  now: Instant,
): Promise<void> {
  const named = approval?.[kind];
  if (!named) return;
  const text = [
    `Your decision is asked for: the ${kind} of the delivery "${label}", which goes to ${people} people.`,
    `Time to decide: ${when}.`,
    ...(base === null ? [] : ["", `${base}/deliveries/${id}`]),
  ].join("\n");
  await notify(tx, { to: await listAddresses(tx, named), subject, text }, now);
}
