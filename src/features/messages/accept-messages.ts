/**
 * Accepts single messages. Accepted means in the database: in a part of their carrier, due, with their own ids. Requests that come together
 * are committed together.
 */
import { formatKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { NewMessage, SingleMessage } from "../../contract/index.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { AppError, appError } from "../../platform/errors.ts";
import type { ContentDeps } from "../content/index.ts";
import * as store from "./accept-store.ts";
import { carrierKeyOf, takeCarrier, takeContent } from "./carriers-store.ts";
import { createWordingChooser } from "./choose-wording.ts";
import { groupCommits } from "./group-commit.ts";
import { createPartReserve, type PartReserve } from "./part-reserve.ts";
import { type PreparedMessage, prepareMessage } from "./prepare-message.ts";
import { presentAccepted } from "./present.ts";
import { createWordingReader } from "./read-content.ts";
import { findSingle } from "./store.ts";

export type AcceptDeps = ContentDeps & { readonly db: Db; readonly now: () => Instant };

export type Accepted = {
  readonly message: SingleMessage;
  /** It was accepted before, under its external id. */
  readonly isReplay: boolean;
};

export type AcceptMessage = (input: NewMessage) => Promise<Accepted>;

const GROUP_MOST = 500;
/** The statements of a group cost nearly the same for one message as for hundreds. */
const GROUPS_AT_ONCE = 1;
/** Of a race for the same external id. */
const TRIES = 5;

/** The function throws `invalid-input`, `external-id-used`. */
export function createAcceptor(deps: AcceptDeps): AcceptMessage {
  const { db, now } = deps;
  const choose = createWordingChooser(db);
  const read = createWordingReader(db, deps);
  const reserve = createPartReserve(db);
  const commit = groupCommits((messages: readonly PreparedMessage[]) => commitGroup(db, reserve, messages, now()), {
    most: GROUP_MOST,
    atOnce: GROUPS_AT_ONCE,
  });
  return async (input) => {
    const at = now();
    const wording = await choose(input, at);
    const prepared = prepareMessage(input, wording, await read(wording.wording, at), at);
    const answer = await commit(prepared);
    if (answer instanceof AppError) throw answer;
    return answer;
  };
}

type Answer = Accepted | AppError;

async function commitGroup(
  db: Db,
  reserve: PartReserve,
  messages: readonly PreparedMessage[],
  now: Instant,
): Promise<readonly Answer[]> {
  for (let attempt = 1; ; attempt++) {
    const before = await store.findExternalIds(
      db,
      messages.flatMap(({ externalId }) => externalId ?? []),
    );
    const { fresh, answerOf } = separate(messages, before);
    const placed = fresh.length === 0 ? [] : await insertFresh(db, reserve, fresh, now);
    if (placed !== null) return answerAll(db, messages, placed, answerOf, now);
    if (attempt === TRIES) throw appError("internal", { requestId: "external ids" });
  }
}

type Place = { readonly partId: number; readonly seq: number };
type Earlier = AppError | Place | PreparedMessage | undefined;

/** Those that are new, and for each other one what it repeats. */
function separate(messages: readonly PreparedMessage[], before: ReadonlyMap<string, store.ExternalId>) {
  const fresh: PreparedMessage[] = [];
  const byId = new Map<string, PreparedMessage>();
  const earlier = new Map<PreparedMessage, Earlier>();
  for (const message of messages) {
    const { externalId: id, fingerprint } = message;
    const stored = id === null ? undefined : before.get(id);
    const beside = id === null ? undefined : byId.get(id);
    const first = stored ?? beside;
    if (first === undefined) {
      fresh.push(message);
      if (id !== null) byId.set(id, message);
    } else if (!first.fingerprint.equals(fingerprint)) {
      earlier.set(message, appError("external-id-used", { externalId: id ?? "" }));
    } else {
      earlier.set(message, stored ? { partId: stored.part_id, seq: stored.seq } : beside);
    }
  }
  return { fresh, answerOf: (message: PreparedMessage) => earlier.get(message) };
}

class LostRace extends Error {}

/** Null: another process was faster with one of the external ids, and nothing was written. */
async function insertFresh(
  db: Db,
  reserve: PartReserve,
  fresh: readonly PreparedMessage[],
  now: Instant,
): Promise<readonly store.Placed[] | null> {
  const groups = Map.groupBy(fresh, (message) => carrierKeyOf(message, now));
  const parts = await reserve.take(groups.size, now);
  try {
    return await db.transaction(async (tx) => {
      const known = await store.findKnown(tx, fresh);
      const placed: store.Placed[] = [];
      // In one order everywhere: two groups that need the same carriers wait for each other, not both for ever.
      for (const key of [...groups.keys()].toSorted()) {
        placed.push(...(await placeGroup(tx, parts, key, groups.get(key) ?? [], known, now)));
      }
      if (!(await store.insertExternalIds(tx, placed))) throw new LostRace();
      await store.insertMessages(tx, placed, now);
      return placed;
    });
  } catch (error) {
    if (error instanceof LostRace) return null;
    throw error;
  } finally {
    reserve.giveBack(parts);
  }
}

async function placeGroup(
  tx: Tx,
  parts: number[],
  key: string,
  messages: readonly PreparedMessage[],
  knownOf: (message: PreparedMessage) => store.Known,
  now: Instant,
): Promise<store.Placed[]> {
  const [first] = messages;
  if (!first) return [];
  const carrier = await takeCarrier(tx, key, first, now);
  const contents = new Map<string, number>();
  const growth = growthOf(messages, knownOf);
  const open = await store.growOpenPart(tx, carrier.id, growth);
  const [partId = 0, next] = open ? [open.id, open.next] : [parts.shift(), 0];
  if (!open) await store.insertPart(tx, partId, carrier, growth);
  const placed: store.Placed[] = [];
  for (const message of messages) {
    const hash = message.content.hash.toString("hex");
    const contentId = message.isOwn ? (contents.get(hash) ?? (await takeContent(tx, carrier.id, message, now))) : null;
    if (contentId !== null) contents.set(hash, contentId);
    placed.push({ message, partId, seq: next + placed.length, contentId, known: knownOf(message) });
  }
  return placed;
}

function growthOf(
  messages: readonly PreparedMessage[],
  knownOf: (message: PreparedMessage) => store.Known,
): store.PartGrowth {
  const pending = messages.filter((message) => knownOf(message).against === null);
  const due = pending.length === 0 ? null : Math.min(...pending.map(({ at }) => at));
  return { pending: pending.length, cancelled: messages.length - pending.length, due };
}

async function answerAll(
  db: Db,
  messages: readonly PreparedMessage[],
  placed: readonly store.Placed[],
  earlierOf: (message: PreparedMessage) => Earlier,
  now: Instant,
): Promise<readonly Answer[]> {
  const placeOf = new Map(placed.map((one) => [one.message, one]));
  return Promise.all(
    messages.map(async (message): Promise<Answer> => {
      const own = placeOf.get(message);
      if (own) return { message: presentAccepted(own, now), isReplay: false };
      const earlier = earlierOf(message);
      if (earlier instanceof AppError) return earlier;
      const place = earlier === undefined || "partId" in earlier ? earlier : placeOf.get(earlier);
      const found = place === undefined ? null : await findSingle(db, place, now);
      if (found) return { message: found, isReplay: true };
      return appError("not-found", { what: "message", id: place ? formatKey(place) : (message.externalId ?? "") });
    }),
  );
}
