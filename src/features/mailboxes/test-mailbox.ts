/** "Does it let us in?": logs in and counts; nothing is fetched, marked or deleted. */
import type { MailboxTest } from "../../contract/mailboxes.ts";
import { appError } from "../../platform/errors.ts";
import { MailboxError } from "../../platform/mailbox.ts";
import { logIn, type LoginDeps } from "./log-in.ts";
import { count, noteOf, planLook } from "./plan-look.ts";
import { LIMITS } from "./look-into.ts";
import { findMailbox } from "./store.ts";

const PATIENCE_MS = 60_000;

export async function testMailbox(deps: LoginDeps, id: number): Promise<MailboxTest> {
  const mailbox = await findMailbox(deps.db, id);
  if (mailbox === null) throw appError("not-found", { what: "mailbox", id });
  try {
    const session = await logIn(deps, mailbox, AbortSignal.timeout(PATIENCE_MS));
    try {
      const listed = await session.list();
      await session.removeAndEnd([]);
      const { tooLarge } = planLook(listed, new Map(), LIMITS, { nameless: 0, skipped: new Set() });
      const note = noteOf({ tooLarge, failed: 0, keepReason: null });
      const nameless = listed.filter(({ uid }) => uid === null).length;
      const detail = [
        count(listed.length, "mail"),
        ...(note === null ? [] : [note]),
        ...(nameless > 0 ? [`${nameless} without a unique id, known by their bytes instead`] : []),
      ];
      return { ok: true, detail: detail.join("; "), messages: listed.length };
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof MailboxError)) throw error;
    const detail = error.problem === "stopped" ? "the server has not answered for a minute" : error.message;
    return { ok: false, detail, messages: null };
  }
}
