/**
 * A proof: what some readers get of a delivery before anybody else does. It goes the way of all deliveries, as a delivery of
 * its own kind, so that readers see exactly what recipients will; but nothing that happens to it counts. Its links lead to
 * their targets and are not counted, its mirror and unsubscribe pages say that they are those of a proof, no archive gets a
 * copy, it is in no list and no figure, and denylist and quarantine do not keep it from its readers.
 */
import { type NewProof, type Settings, settingsSchema } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { allocateParts, loadSeeds } from "../analysis/index.ts";
import { type ContentDeps, freezeManifest, readContent, type ReadContent } from "../content/index.ts";
import { refuse, refuseField, startNow } from "../deliveries/index.ts";
import {
  planMessages,
  planSeedMessages,
  PROOF_MAX,
  type ProofMessage,
  type ProofSeed,
  readAddresses,
  type Reader,
  type Shown,
} from "./plan-proof.ts";
import { typologyOf, withPool } from "../typologies/index.ts";
import * as store from "./store.ts";

export type ProofDeps = ContentDeps & { readonly db: Db };

/** The id of the proof, which is on its way. Throws `not-found`, `invalid-input`, `proof-too-big`. */
export async function sendProof(
  { db, ...deps }: ProofDeps,
  id: number,
  wish: NewProof,
  actor: string,
  now: Instant,
): Promise<number> {
  const original = await store.findOriginal(db, id);
  if (!original) throw appError("not-found", { what: "delivery", id });
  if (original.kind === "proof") refuseField("/", "proof-of-proof", "This is a proof; send one of its delivery");
  const seeds = await findSeeds(db, wish.seeds);
  refuseTooMany(wish, seeds.length);
  const readers = read(wish.addresses ?? [], "/addresses");
  const shown = await findShown(db, original, wish.as);
  const settings = proofSettings(original.settings);
  const prefix = escapeMarks(readProof(original.settings).prefix);
  const content = await readContent(db, { ...original, settings }, deps);
  if (content.kind === "errors") throw contentErrors(content);
  const plan = { readers, seeds, shown, names: attributesOf(content) };
  const messages = await planAll(db, original, plan);
  const partId = await allocateParts(db, 1, now);
  return db.transaction(async (tx) => {
    const number = await store.takeNumber(tx, id);
    const subject = (text: string) => (prefix === "" ? text : `[${prefix}${number}] ${text}`);
    const frozen = await freezeManifest(tx, content.prepared, now);
    const proofId = await store.insertProof(
      tx,
      {
        ...original,
        of: id,
        number,
        ofVersion: original.version,
        by: actor,
        settings: withPool(settings, await typologyOf(tx, settings)),
        content: { ...original.content, subject: subject(original.content.subject) },
        // A mail to the unsubscribe address would be taken for the reader's wish; the link of a proof does nothing.
        manifest: {
          ...frozen,
          subject: subject(frozen.subject),
          listUnsubscribe: { ...frozen.listUnsubscribe, mailbox: null },
        },
        messages,
        partId,
      },
      now,
    );
    await startNow(tx, proofId, actor, now);
    const detail = { number, delivery: String(proofId), messages: messages.length, version: original.version };
    await recordEvent(tx, { deliveryId: id, kind: "delivery.proofed", actor, at: now, detail });
    return proofId;
  });
}

/** Sent for real whatever the delivery is set to, at once, and kept nowhere. */
function proofSettings({ speed: _speed, validUntil: _until, waves: _waves, ...settings }: Settings): Settings {
  const { format = settings.format } = readProof(settings);
  return { ...settings, format, mode: "live", priority: "high", archive: { on: false } };
}

/** Deliveries that were saved before there were such settings have the defaults. */
function readProof({ proof }: { readonly proof?: Settings["proof"] }): Settings["proof"] {
  return proof ?? settingsSchema.shape.proof.parse(undefined);
}

/** A prefix is no template. */
const escapeMarks = (text: string) => (/\{[{%]|<%/.test(text) ? text.replaceAll(/[{<]/g, "(") : text);

/** People who are asked what a seed does not say itself. */
const DONORS = 50;

type Plan = {
  readonly readers: readonly Reader[];
  readonly seeds: readonly ProofSeed[];
  readonly shown: readonly Shown[] | null;
  readonly names: readonly string[];
};

/** With people whose data is shown seeds are readers like all others; without, each shows its own, filled up. */
async function planAll(db: Queryable, original: store.Original, plan: Plan): Promise<ProofMessage[]> {
  const { readers, seeds, shown, names } = plan;
  if (shown !== null) {
    const addresses = seeds.map(({ address }) => address);
    return planMessages([...readers, ...read(addresses, "/seeds")], shown, [], names);
  }
  const own = await store.findPeople(db, original, keysOf(readers));
  const donors = seeds.length > 0 && names.length > 0 ? await store.pickRandom(db, original, DONORS) : [];
  return [...planMessages(readers, null, own, names), ...planSeedMessages(seeds, donors, names)];
}

async function findSeeds(db: Queryable, wish: NewProof["seeds"]): Promise<readonly ProofSeed[]> {
  if (wish === undefined) return [];
  const chosen = Array.isArray(wish) ? { seeds: wish, lists: [] } : { seeds: [], lists: [wish.list] };
  const { seeds, gone } = await loadSeeds(db, chosen);
  if (gone > 0) refuseField("/seeds", "not-found", "There is no such seed or list of seeds");
  if (seeds.length === 0) refuseField("/seeds", "no-seeds", "Nobody is on this list of seeds");
  return seeds;
}

function refuseTooMany({ addresses = [], as }: NewProof, seeds: number): void {
  const each = as === undefined ? 1 : "random" in as ? as.random : as.recipients.length;
  const count = (addresses.length + seeds) * each;
  if (count > PROOF_MAX) throw appError("proof-too-big", { count, most: PROOF_MAX });
}

function read(texts: readonly string[], pointer: string): readonly Reader[] {
  const result = readAddresses(texts, pointer);
  if (result.kind === "errors") refuse(result.errors);
  return result.kind === "addresses" ? result.readers : [];
}

const keysOf = (readers: readonly Reader[]) => readers.map(({ matchKey }) => matchKey);

/** Null: the readers' own. */
async function findShown(
  db: Queryable,
  original: store.Original,
  as: NewProof["as"],
): Promise<readonly Shown[] | null> {
  if (as === undefined) return null;
  if ("random" in as) {
    const people = await store.pickRandom(db, original, as.random);
    if (people.length > 0) return people;
    refuseField("/as/random", "no-target", "Nobody is in its target yet: analyse the delivery, or name recipients");
  }
  const wanted = keysOf(read(as.recipients, "/as/recipients"));
  const people = new Map((await store.findPeople(db, original, wanted)).map((person) => [person.match_key, person]));
  const unknown = wanted.flatMap((key, index) => (people.has(key) ? [] : [index]));
  refuse(
    unknown.map((index) => ({
      pointer: `/as/recipients/${index}`,
      code: "not-found",
      message: `There is no recipient ${as.recipients[index]}`,
    })),
  );
  return wanted.flatMap((key) => people.get(key) ?? []);
}

function attributesOf({ compiled }: Extract<ReadContent, { kind: "read" }>): string[] {
  const names = new Set([...compiled.attributes.map(({ name }) => name), ...compiled.optionalAttributes]);
  names.delete("email");
  return [...names];
}

function contentErrors({ errors }: Extract<ReadContent, { kind: "errors" }>) {
  const fields = errors.map(({ part, line, column, code, message }) => ({
    pointer: `/content/${part}`,
    code,
    message: `line ${line}, column ${column}: ${message}`,
  }));
  return appError("invalid-input", { detail: `${fields[0]?.pointer}: ${fields[0]?.message}` }, fields);
}
