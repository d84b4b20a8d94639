/** Whose message a mail touches, whatever happened to it on the way or was made up: only that of a signed key that it bears. */
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";

import { type Mutation, mutations, REAL_MAILS } from "../../../test/mail-mutations.ts";
import { platformSettingsSchema } from "../../contract/index.ts";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import { mintTag, readTag, type TokenKey } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import { loadRules } from "../bounces/index.ts";
import type { InboundDeps } from "./acted.ts";
import { planMail } from "./plan-mail.ts";

const OURS: TokenKey = { id: 0, words: [1, 2, 3, 4] };
const FORGERS: TokenKey = { id: 0, words: [4, 3, 2, 1] };
const IN_PATH: MessageKey = { partId: 7, seq: 1 };
const RETURNED: MessageKey = { partId: 8, seq: 2 };
const SETTINGS = platformSettingsSchema.parse({
  bounceDomain: "back.example",
  unsubscribeAddress: "out@back.example",
});

let bounceRules: CompiledRules;
beforeAll(async () => {
  bounceRules = await loadRules(fileURLToPath(new URL("../../../rules/bounces", import.meta.url)));
});

const isWrite = (sql: string) => /^\s*(?:insert|update|delete)\b/i.test(sql);

/** Keys of the messages that it is said of, or that are looked for by their key: every one that is changed is among them. */
async function touchedBy(mail: string, recipient: string): Promise<string[]> {
  const keys = new Set<string>();
  const query = (sql: string, [partId, seq]: readonly unknown[] = []) => {
    if (typeof partId === "number" && typeof seq === "number") keys.add(formatKey({ partId, seq }));
    return isWrite(sql) ? Promise.reject(new Error(`wrote: ${sql}`)) : Promise.resolve([]);
  };
  const db = { query, transaction: (work: (tx: unknown) => Promise<unknown>) => work({ query }) };
  const deps: InboundDeps = {
    db: db as unknown as Db,
    now: () => 0,
    bounceRules,
    tracker: {
      readTag: (tag) => Promise.resolve(readTag({ current: OURS, byId: new Map([[OURS.id, OURS]]) }, tag)),
      recogniseArchive: () => Promise.resolve([]),
      recordReaction: () => Promise.reject(new Error("wrote a reaction")),
    },
  };
  const { step } = await planMail(deps, SETTINGS, Buffer.from(mail, "latin1"), { recipient, returnPath: "" }, 0);
  if (step.kind === "report") keys.add(formatKey(step.key));
  else await step.act();
  return [...keys];
}

/** As a server would send it about our message: its Message-ID stands in what is given back. */
function withReturned(text: string, tag: string): string {
  const id = `<8-2.abc.${tag}@shop.example>`;
  return `${text}\n\n--\nMessage-ID: ${id}\n`.replace(/^(\s*message-id:\s*)<[^>]*>/gim, `$1${id}`);
}

type Bearing = "ours" | "forged" | "none";
const bearing = fc.constantFrom<Bearing>("ours", "forged", "none");
const tagOf = (key: MessageKey, by: Bearing) => mintTag(by === "ours" ? OURS : FORGERS, key);

function touchedWith(text: string, mutate: Mutation, inPath: Bearing, returned: Bearing): Promise<string[]> {
  const given = returned === "none" ? text : withReturned(text, tagOf(RETURNED, returned));
  const to = inPath === "none" ? "bounces@back.example" : `bounces+${tagOf(IN_PATH, inPath)}@back.example`;
  return touchedBy(mutate(given), to);
}

test("mutated, a mail touches no message but those whose signed keys it bears", async () => {
  const seen = new Set<string>();
  const mail = fc.constantFrom(...REAL_MAILS);
  const property = fc.asyncProperty(mail, mutations, bearing, bearing, async (text, mutate, inPath, returned) => {
    const borne = [
      ...(inPath === "ours" ? [formatKey(IN_PATH)] : []),
      ...(returned === "ours" ? [formatKey(RETURNED)] : []),
    ];
    for (const key of await touchedWith(text, mutate, inPath, returned)) {
      expect(borne).toContain(key);
      seen.add(key);
    }
  });
  await fc.assert(property, { numRuns: 600, endOnFailure: true });
  // Else nothing was tried.
  expect([...seen].toSorted()).toEqual([formatKey(IN_PATH), formatKey(RETURNED)]);
});
