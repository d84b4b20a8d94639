/**
 * One look into a mailbox: what is new is stored, processed, and then deleted. In sessions of some thousand mails, because POP3 deletes
 * with the end of a session. Whatever breaks in between, nothing is lost and nothing is stored twice: a mail that is stored is known by
 * its UID as long as it lies there, and goes only once it is processed.
 */
import { createHash } from "node:crypto";

import { MailboxError, type ListedMail, type MailboxSession } from "../../platform/mailbox.ts";
import { MAIL_LIMIT, storeMails } from "../inbound/index.ts";
import { envelopeOf } from "./envelope.ts";
import { logIn, type LoginDeps } from "./log-in.ts";
import { DIGEST, type LookLimits, noteOf, type Passed, planLook } from "./plan-look.ts";
import { forgetUids, loadKnown, type MailboxRow, noteProgress } from "./store.ts";

export type LookDeps = LoginDeps & {
  /** Everything that waits. */
  readonly processWaiting: (signal: AbortSignal) => Promise<unknown>;
  /** Whether mail is taken for an address, as things are now. */
  readonly knowOurs: () => Promise<(address: string) => Promise<boolean>>;
};

/** A session's mails are processed before they are deleted, and servers wait ten minutes at most (RFC 1939 §3). */
export const LIMITS: LookLimits = { maxBytes: MAIL_LIMIT, batch: 2000 };
/** Mails are stored by so many, or so many bytes. */
const GROUP = 50;
const GROUP_BYTES = 4 * 1024 * 1024;

/** What one session did. */
type Session = {
  readonly more: boolean;
  readonly tooLarge: number;
  readonly failed: number;
  readonly keepReason: string | null;
  /** Some of what was stored is still being processed by somebody else. */
  readonly isBusy: boolean;
  /** Digests of the mails without UID that stay. */
  readonly stay: readonly string[];
  readonly skipped: readonly string[];
};

/** `note`: what operators should know; `soon`: another look soon finds more to delete. */
export type Look = { readonly note: string | null; readonly soon: boolean };

/** Rejects with `MailboxError`, or with what the database says. */
export async function lookInto(
  deps: LookDeps,
  mailbox: MailboxRow,
  signal: AbortSignal,
  limits: LookLimits = LIMITS,
): Promise<Look> {
  const digests = new Set<string>();
  const skipped = new Set<string>();
  let nameless = 0;
  let soon = false;
  for (;;) {
    const session = await logIn(deps, mailbox, signal);
    try {
      const done = await converse(deps, mailbox, session, { nameless, skipped }, signal, limits);
      nameless += done.stay.length;
      for (const digest of done.stay) digests.add(digest);
      for (const uid of done.skipped) skipped.add(uid);
      soon ||= done.isBusy;
      if (done.more) continue;
      const known = [...(await loadKnown(deps.db, mailbox.id)).keys()];
      const gone = known.filter((uid) => uid.startsWith(DIGEST) && !digests.has(uid));
      await forgetUids(deps.db, mailbox.id, gone);
      return { note: noteOf(done), soon };
    } finally {
      session.close();
    }
  }
}

async function converse(
  deps: LookDeps,
  { id, deleteProcessed }: MailboxRow,
  session: MailboxSession,
  passed: Passed,
  signal: AbortSignal,
  limits: LookLimits,
): Promise<Session> {
  const { db } = deps;
  const listed = await session.list();
  if (!deleteProcessed && listed.some(({ uid }) => uid === null)) throw new MailboxError("refused", NO_UIDS);
  const plan = planLook(listed, await loadKnown(db, id), limits, passed);
  await forgetUids(db, id, plan.gone);
  const fetched = await fetchAll(session, plan.fetch, limits.maxBytes, await openStore(deps, id));
  await noteProgress(db, id, { found: listed.length, taken: fetched.stored, deleted: 0 });
  if (fetched.stored > 0) await deps.processWaiting(signal);
  const states = await loadKnown(db, id);
  const uidOf = ({ ref, uid }: ListedMail) => uid ?? fetched.digests.get(ref) ?? "";
  const stateOf = (mail: ListedMail) => states.get(uidOf(mail));
  const done = deleteProcessed ? listed.filter((mail) => stateOf(mail) === "done") : [];
  const removed = await remove(deps, id, session, done.slice(0, limits.batch), uidOf);
  await noteProgress(db, id, { found: listed.length - removed.refs.size, taken: 0, deleted: removed.refs.size });
  return {
    more: plan.left > 0 || (done.length > limits.batch && removed.refs.size > 0),
    tooLarge: plan.tooLarge + passed.skipped.size + fetched.skipped.length,
    failed: listed.filter((mail) => stateOf(mail) === "failed").length,
    keepReason: removed.why,
    isBusy: deleteProcessed && plan.fetch.some((mail) => stateOf(mail) === "waiting"),
    stay: plan.fetch.filter(({ ref, uid }) => uid === null && !removed.refs.has(ref)).map(uidOf),
    skipped: fetched.skipped,
  };
}

/** Ends the session. From then on the UIDs of what is gone are nobody's. */
async function remove(
  { db }: LookDeps,
  id: number,
  session: MailboxSession,
  mails: readonly ListedMail[],
  uidOf: (mail: ListedMail) => string,
): Promise<{ readonly refs: ReadonlySet<number>; readonly why: string | null }> {
  const { kept, why } = await session.removeAndEnd(mails.map(({ ref }) => ref));
  const gone = mails.filter(({ ref }) => !kept.has(ref));
  await forgetUids(db, id, gone.map(uidOf));
  return { refs: new Set(gone.map(({ ref }) => ref)), why };
}

async function openStore({ db, now, knowOurs }: LookDeps, id: number) {
  const isOurs = await knowOurs();
  return async (taken: readonly Taken[]): Promise<number> => {
    const mails: Parameters<typeof storeMails>[1][number][] = [];
    for (const { uid, raw } of taken) {
      const envelope = await envelopeOf(raw, isOurs);
      mails.push({ ...envelope, raw, source: "mailbox", remote: null, mailbox: { id, uid } });
    }
    return (await storeMails(db, mails, now())).length;
  };
}

const NO_UIDS =
  "the server gives its mails no unique ids (UIDL), so mail that stays there would be taken again each time: let processed mail be deleted";

type Taken = { readonly uid: string; readonly raw: Uint8Array };
type FetchedAll = {
  readonly stored: number;
  /** UIDs of what did not come, or was too large after all. */
  readonly skipped: readonly string[];
  /** Of the mails without UID, by their number in the session. */
  readonly digests: ReadonlyMap<number, string>;
};

async function fetchAll(
  session: MailboxSession,
  mails: readonly ListedMail[],
  maxBytes: number,
  store: (group: readonly Taken[]) => Promise<number>,
): Promise<FetchedAll> {
  const uids = new Map(mails.map(({ ref, uid }) => [ref, uid]));
  const digests = new Map<number, string>();
  let group: Taken[] = [];
  let bytes = 0;
  let stored = 0;
  const skipped: string[] = [];
  for await (const { ref, mail } of session.fetch([...uids.keys()], maxBytes)) {
    if (mail === "too-large") skipped.push(uids.get(ref) ?? "");
    if (typeof mail === "string") continue;
    const uid = uids.get(ref) ?? DIGEST + createHash("sha256").update(mail).digest("hex");
    if (uids.get(ref) === null) digests.set(ref, uid);
    group.push({ uid, raw: mail });
    bytes += mail.length;
    if (group.length < GROUP && bytes < GROUP_BYTES) continue;
    stored += await store(group);
    group = [];
    bytes = 0;
  }
  return { stored: stored + (group.length > 0 ? await store(group) : 0), skipped, digests };
}
