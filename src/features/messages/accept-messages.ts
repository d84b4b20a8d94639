/**
 * Accepts single messages. Accepted means in the database: in a part of their carrier, due, with their own ids. Requests that come together
 * are committed together.
 */
import { formatKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { NewMessage, SingleMessage } from "../../contract/index.ts";
import type { Db } from "../../platform/db.ts";
import { AppError, appError } from "../../platform/errors.ts";
import type { ContentDeps } from "../content/index.ts";
import * as store from "./accept-store.ts";
import { carrierKeyOf, takeCarrier, takeContents } from "./carriers-store.ts";
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
/** Of a race for the same external id, or with somebody who stops carriers. */
const TRIES = 5;
const CARRIERS_KNOWN = 1000;

/** The function throws `invalid-input`, `external-id-used`. */
export function createAcceptor(deps: AcceptDeps): AcceptMessage {
  const { db, now } = deps;
  const choose = createWordingChooser(db);
  const read = createWordingReader(db, deps);
  const desk: Desk = { db, reserve: createPartReserve(db), carriers: new Map() };
  const commit = groupCommits((messages: readonly PreparedMessage[]) => commitGroup(desk, messages, now()), {
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
type Fresh = Omit<store.Fresh, "contentId">;
/** The place that it repeats, or the message beside it in its group. */
type First = store.Place | PreparedMessage;

/** `carriers`: their ids by key, as far as they are known; one may take nothing more by now. */
type Desk = { readonly db: Db; readonly reserve: PartReserve; readonly carriers: Map<string, number> };

async function commitGroup(desk: Desk, messages: readonly PreparedMessage[], now: Instant): Promise<readonly Answer[]> {
  const answers = new Map<PreparedMessage, Answer>();
  let waiting = messages;
  for (let attempt = 1; waiting.length > 0; attempt++) {
    if (attempt > TRIES) throw appError("internal", { requestId: "external ids" });
    const { fresh, repeated, refused } = separate(waiting, await store.findKnown(desk.db, waiting));
    for (const [message, refusal] of refused) answers.set(message, refusal);
    const placed = await placeAll(desk, fresh, now);
    for (const [message, one] of placed) answers.set(message, { message: presentAccepted(one, now), isReplay: false });
    for (const [message, first] of repeated) {
      const place = "partId" in first ? first : placed.get(first);
      if (place) answers.set(message, await repeat(desk.db, place, now));
    }
    // Those whose external id another process took meanwhile, and those that repeat them.
    waiting = waiting.filter((message) => !answers.has(message));
  }
  return messages.map((message) => answers.get(message) as Answer);
}

/** Those that are new, those that repeat another one, and those that only have its external id. */
function separate(messages: readonly PreparedMessage[], knownOf: readonly store.Known[]) {
  const fresh: Fresh[] = [];
  const byId = new Map<string, PreparedMessage>();
  const repeated = new Map<PreparedMessage, First>();
  const refused = new Map<PreparedMessage, AppError>();
  for (const [index, message] of messages.entries()) {
    const { externalId: id, fingerprint } = message;
    const known = knownOf[index] as store.Known;
    const first = known.earlier ?? (id === null ? undefined : byId.get(id));
    if (first === undefined) {
      fresh.push({ message, known });
      if (id !== null) byId.set(id, message);
    } else if (first.fingerprint.equals(fingerprint)) repeated.set(message, first);
    else refused.set(message, appError("external-id-used", { externalId: id ?? "" }));
  }
  return { fresh, repeated, refused };
}

async function repeat(db: Db, place: store.Place, now: Instant): Promise<Answer> {
  const message = await findSingle(db, place, now);
  return message ? { message, isReplay: true } : appError("not-found", { what: "message", id: formatKey(place) });
}

async function placeAll(
  desk: Desk,
  fresh: readonly Fresh[],
  now: Instant,
): Promise<Map<PreparedMessage, store.Placed>> {
  const placed = new Map<PreparedMessage, store.Placed>();
  for (const [key, group] of Map.groupBy(fresh, ({ message }) => carrierKeyOf(message, now))) {
    for (const one of await placeGroup(desk, key, group, now)) placed.set(one.message, one);
  }
  return placed;
}

/** None: another process was faster with one of the external ids. */
async function placeGroup(
  { db, reserve, carriers }: Desk,
  key: string,
  group: readonly Fresh[],
  now: Instant,
): Promise<readonly store.Placed[]> {
  const [first] = group as readonly [Fresh, ...Fresh[]];
  const own = group.flatMap(({ message }) => (message.isOwn ? [message] : []));
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const carrierId = carriers.get(key) ?? (await db.transaction((tx) => takeCarrier(tx, key, first.message, now)));
    remember(carriers, key, carrierId);
    const contents = own.length === 0 ? null : await takeContents(db, carrierId, own, now);
    const rows = group.map((one) => ({
      ...one,
      contentId: contents?.get(one.message.content.hash.toString("hex")) ?? null,
    }));
    const [spare = 0] = await reserve.take(1, now);
    const placing = await store.placeMessages(db, carrierId, spare, rows, now);
    const placed = placing.kind === "placed" ? placing.placed : [];
    if (placed[0]?.partId !== spare) reserve.giveBack([spare]);
    if (placing.kind !== "no-carrier") return placed;
    carriers.delete(key);
  }
  throw appError("internal", { requestId: "carriers" });
}

function remember(carriers: Map<string, number>, key: string, id: number): void {
  if (carriers.size >= CARRIERS_KNOWN) carriers.delete(carriers.keys().next().value ?? "");
  carriers.set(key, id);
}
