/**
 * Every reply that is not an acceptance, kept once by what it says without its ids, hosts and addresses, with how often, when and by whom it
 * was given. Part of the transaction that writes the attempts down. Bounded: a server that puts something random into each reply makes
 * at most `NEW_A_DAY` texts a day; its other replies are counted nowhere here, but stand in the delivery log as all others.
 */
import { createHash } from "node:crypto";

import { normaliseReply } from "../../core/bounce/normalise-reply.ts";
import { DAY, type Instant } from "../../core/time.ts";
import { storable, type Tx } from "../../platform/db.ts";
import { countNewTexts, findKnownKeys, saveDays, saveTexts } from "./note-store.ts";
import type { Noted, NotedDay, NotedReply } from "./noted.ts";

/** New texts of one provider within a day. */
const NEW_A_DAY = 200;
const OTHER = "other";
/** As the log keeps it. */
const REPLY_MAX = 2000;

/**
 * Call it last in a transaction: rows of frequent texts are locked until its end. Keys are taken in order, so that no two
 * transactions wait for each other.
 */
export async function noteReplies(tx: Tx, replies: readonly NotedReply[]): Promise<void> {
  const keyed = replies.map(keyOf).filter(({ normalised }) => normalised !== "");
  if (keyed.length === 0) return;
  const texts = [...Map.groupBy(keyed, ({ key }) => key).values()].flatMap(summaryOf);
  const kept = await withinBounds(tx, texts);
  if (kept.length === 0) return;
  const ids = await saveTexts(
    tx,
    kept.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  );
  const days = Map.groupBy(
    keyed.filter(({ key }) => ids.has(key)),
    ({ key, reply, provider }) => `${key} ${dayOf(reply.at)} ${reply.stage} ${provider}`,
  );
  const rows = [...days.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => dayRowOf(group));
  await saveDays(tx, rows, ids);
}

type Keyed = {
  readonly key: string;
  readonly normalised: string;
  readonly provider: string;
  readonly reply: NotedReply;
};

function keyOf(given: NotedReply): Keyed {
  const reply = { ...given, text: storable(given.text, REPLY_MAX) };
  const normalised = normaliseReply(reply.text);
  return { key: keyOfText(normalised), normalised, provider: given.provider ?? OTHER, reply };
}

/** Of a normalised text. */
export function keyOfText(normalised: string): string {
  return createHash("sha256").update(normalised).digest("base64");
}

function summaryOf(group: readonly Keyed[]): Noted[] {
  const [first] = group;
  if (first === undefined) return [];
  const replies = group.map(({ reply }) => reply).toSorted((a, b) => a.at - b.at);
  return [
    {
      key: first.key,
      normalised: first.normalised,
      first: replies[0] ?? first.reply,
      last: replies.at(-1) ?? first.reply,
      count: group.length,
      providers: [...new Set(group.map(({ provider }) => provider))],
      stages: [...new Set(replies.map(({ stage }) => stage))],
    },
  ];
}

function dayRowOf(group: readonly Keyed[]): NotedDay[] {
  const [first] = group;
  if (first === undefined) return [];
  const { key, provider, reply } = first;
  return [{ key, provider, stage: reply.stage, mx: reply.mx, at: reply.at, count: group.length }];
}

/** Known texts, and as many new ones as their provider may still bring. What several senders bring at once may be a little more. */
async function withinBounds(tx: Tx, texts: readonly Noted[]): Promise<readonly Noted[]> {
  const known = await findKnownKeys(
    tx,
    texts.map(({ key }) => key),
  );
  const fresh = texts.filter(({ key }) => !known.has(key));
  if (fresh.length === 0) return texts;
  const since = Math.min(...fresh.map(({ last }) => last.at)) - DAY;
  const providers = [...new Set(fresh.flatMap(firstProviderOf))];
  const brought = await countNewTexts(tx, providers, since);
  const mayBring = (text: Noted) => {
    const [provider = OTHER] = firstProviderOf(text);
    const count = brought.get(provider) ?? 0;
    brought.set(provider, count + 1);
    return count < NEW_A_DAY;
  };
  return texts.filter((text) => known.has(text.key) || mayBring(text));
}

function firstProviderOf({ providers }: Noted): readonly string[] {
  return providers.slice(0, 1);
}

function dayOf(at: Instant): number {
  return Math.floor(at / DAY);
}
