/** What `envoi doctor` says of mailboxes that are polled: whether they let us in now. Nothing is fetched, marked or deleted. */
import { openMailbox } from "../adapters/mailbox-poll/open-mailbox.ts";
import { renewToken } from "../adapters/mailbox-poll/renew-token.ts";
import { listMailboxes, testMailbox } from "../features/mailboxes/index.ts";
import type { OpenMailbox } from "../platform/mailbox.ts";
import type { Finding } from "./finding.ts";
import type { Ground } from "./ground.ts";

const CHECKED_MAX = 100;

export async function checkMailboxes(
  { db, masterKey }: Pick<Ground, "db" | "masterKey">,
  open: OpenMailbox = openMailbox,
): Promise<Finding[]> {
  const mailboxes = await listMailboxes(db, 0, CHECKED_MAX);
  const deps = { db, masterKey, now: Date.now, openMailbox: open, renewToken };
  return Promise.all(
    mailboxes.map(async ({ id, name, enabled }): Promise<Finding> => {
      const check = `mailbox ${name}`;
      if (!enabled) return { check, level: "ok", detail: "disabled" };
      const { ok, detail } = await testMailbox(deps, id);
      if (ok) return { check, level: "ok", detail };
      const advice = "bounces wait there meanwhile; correct server, user or password on the page Mailboxes";
      return { check, level: "error", detail, advice };
    }),
  );
}
