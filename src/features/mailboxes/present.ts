/** Mailboxes as the API shows them: without secrets, with what the last look found. */
import type { Mailbox, MailboxState } from "../../contract/mailboxes.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { MailboxRow } from "./store.ts";

export function presentMailbox(row: MailboxRow, now: Instant): Mailbox {
  const { name, enabled, protocol, tls, verifyCertificate, host, port, user, folder, deleteProcessed, version } = row;
  return {
    id: String(row.id),
    name,
    enabled,
    protocol,
    tls,
    verifyCertificate,
    host,
    port,
    user,
    auth: row.auth === "password" ? { kind: "password" } : { kind: "oauth2", refresh: row.refresh },
    hasSecret: row.sealedSecret !== null,
    folder,
    every: formatSeconds(row.everySeconds),
    deleteProcessed,
    version,
    createdAt: formatInstant(row.createdAt),
    updatedAt: formatInstant(row.updatedAt),
    state: stateOf(row, now),
  };
}

function stateOf(row: MailboxRow, now: Instant): MailboxState {
  const { failures, lastError: error, note, found, taken, deleted } = row;
  const isBusy = row.busyUntil !== null && row.busyUntil > now;
  return {
    status: !row.enabled ? "disabled" : isBusy ? "polling" : error === null ? "waiting" : "failing",
    polledAt: row.polledAt === null ? null : formatInstant(row.polledAt),
    succeededAt: row.succeededAt === null ? null : formatInstant(row.succeededAt),
    nextPollAt: row.enabled && Number.isFinite(row.nextPollAt) ? formatInstant(row.nextPollAt) : null,
    failures,
    error,
    note,
    found,
    taken,
    deleted,
  };
}

function formatSeconds(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, "d"],
      [3600, "h"],
      [60, "m"],
    ] as const
  ).find(([of]) => seconds % of === 0) ?? [1, "s"];
  return `${seconds / size}${unit}`;
}
