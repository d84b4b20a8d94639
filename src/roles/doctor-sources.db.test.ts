/** One line for each address of a source. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { checkSources, type NameLookUps } from "./doctor-sources.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.query(
    `insert into sources (name, address_v4, address_v6, helo, enabled, created_at, updated_at) values
       ('here', '127.0.0.1', null, 'here.example', true, now(), now()),
       ('there', '192.0.2.1', null, 'there.example', true, now(), now()),
       ('off', '192.0.2.2', '2001:db8::2', 'off.example', false, now(), now())`,
  );
});
afterAll(() => database.drop());

const none = () => Promise.reject(Object.assign(new Error("not found"), { code: "ENOTFOUND" }));
const silent = () => Promise.reject(Object.assign(new Error("timeout"), { code: "ETIMEOUT" }));

const check = async (transport: "sandbox" | "direct", lookUps: NameLookUps) =>
  (await checkSources({ db: database.db, config: { transport } }, lookUps)).map(
    ({ check: of, level, detail }) => `${level} ${of}: ${detail}`,
  );

test("addresses of this machine, of others, of disabled sources; nobody asks for names without need", async () => {
  expect(await check("sandbox", { namesOf: silent, addressesOf: silent })).toEqual([
    "ok source here: 127.0.0.1 is an address of this machine",
    "warning source there: 192.0.2.1: no address of this machine; right only if the sender of this source runs elsewhere",
    "ok source off: 192.0.2.2: disabled",
    "ok source off: 2001:db8::2: disabled",
  ]);
});

const named = () => Promise.resolve(["other.example", "HERE.example."]);
test.each<[what: string, lookUps: NameLookUps, expected: RegExp]>([
  ["agree", { namesOf: named, addressesOf: async () => ["192.0.2.9", "127.0.0.1"] }, /^ok .* name each other$/],
  ["lack a reverse name", { namesOf: none, addressesOf: none }, /^error .* has no reverse name and greets as here/],
  ["have another one", { namesOf: async () => ["x.example"], addressesOf: none }, /^error .* is x\.example in reverse/],
  ["lead elsewhere", { namesOf: named, addressesOf: async () => ["192.0.2.9"] }, /^error .* leads to 192\.0\.2\.9 and/],
  ["lead nowhere", { namesOf: named, addressesOf: none }, /^error .* leads to no such address/],
  ["cannot be asked for", { namesOf: silent, addressesOf: none }, /^error .* \(ETIMEOUT\)$/],
  ["cannot be asked for forward", { namesOf: named, addressesOf: silent }, /^error .* \(ETIMEOUT\)$/],
])("names that %s", async (_what, lookUps, expected) => {
  expect((await check("direct", lookUps))[0]).toMatch(expected);
});
