/** What servers say of addresses, in batches as senders and incoming mail write it, over a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import type { PlatformSettings } from "../../contract/index.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import { platformSettingsSchema } from "../../contract/index.ts";
import { type AddressError, loadNewQuarantines, recordAddressAnswers } from "./index.ts";

const NOW = Date.parse("2026-11-21T09:10:00Z");
const HARD = { type: "hard", reason: "user-unknown", scope: "address" } as const;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  const tables = ["quarantine", "quarantine_history", "provider_answers", "provider_trust", "domain_sites"];
  for (const table of [...tables, "platform_settings"]) await database.db.query(`delete from ${table}`);
});

function unknownUser(address: string, changes: Partial<AddressError> = {}): AddressError {
  const at = { at: NOW, reply: "550 5.1.1 no such user", provider: null };
  return {
    matchKey: address.toLowerCase(),
    address,
    verdict: HARD,
    deliveryId: 7,
    partId: 3,
    seq: 1,
    ...at,
    ...changes,
  };
}

const record = (errors: readonly AddressError[], accepted: readonly string[] = [], now = NOW) =>
  database.db.transaction((tx) => {
    const domainOf = (address: string) => address.slice(address.indexOf("@") + 1);
    return recordAddressAnswers(
      tx,
      { errors, accepted: accepted.map((matchKey) => ({ matchKey, domain: domainOf(matchKey) })) },
      now,
    );
  });

const people = (count: number, domain: string, from = 0) =>
  Array.from({ length: count }, (_, i) => `p${from + i}@${domain}`);

async function statuses() {
  const rows = await database.db.query<{ line: string }>(
    "select status || ' ' || coalesce(provider, '-') || ' ' || count(*) as line from quarantine group by status, provider order by 1",
  );
  return rows.map(({ line }) => line);
}

const knowSite = (domain: string, provider: string) =>
  database.db.query(
    "insert into domain_sites (domain, site, provider, mx, seen_at) values ($1, 'mx', $2, '{}', now())",
    [domain, provider],
  );

const usually = (provider: string, answers: number, unknown: number) =>
  database.db.query(
    "insert into provider_answers (provider, hour, shard, answers, unknown) values ($1, $2, 0, $3, $4)",
    [provider, new Date(NOW - 3 * DAY), answers, unknown],
  );

const save = (quarantine: Partial<PlatformSettings["quarantine"]>) => {
  const settings = { quarantine: { ...platformSettingsSchema.parse({}).quarantine, ...quarantine } };
  return database.db.query(
    `insert into platform_settings (settings, updated_at) values ($1, now())
     on conflict (id) do update set settings = excluded.settings`,
    [JSON.stringify(settings)],
  );
};

describe("a burst of unknown users that comes within one batch is held", () => {
  const burst = (domain: string) => people(500, domain).map((address) => unknownUser(address));

  test("of a provider that is known", async () => {
    await knowSite("big.example", "big");
    await usually("big", 50_000, 100);
    await record(burst("big.example"), people(200, "big.example", 1000));
    expect(await statuses()).toEqual(["held big 500"]);
  });

  test.each(["other", null])("of a domain of its own (site: %s), which is then its provider", async (provider) => {
    if (provider !== null) await knowSite("town.example", provider);
    await record(burst("town.example"), people(10, "town.example", 1000));
    expect(await statuses()).toEqual(["held town.example 500"]);
    await record([unknownUser("late@town.example")], [], NOW + MINUTE);
    expect(await statuses()).toEqual(["held town.example 501"]);
  });

  test("not where mail arrives all the same", async () => {
    await record(burst("town.example"), people(100, "town.example", 1000));
    expect(await statuses()).toEqual(["quarantined - 500"]);
  });

  test("not where the guard is off", async () => {
    await save({ guard: { enabled: false, factor: 4, least: 50 } });
    await record(burst("town.example"));
    expect(await statuses()).toEqual(["quarantined - 500"]);
  });

  test("of several domains each is judged by itself", async () => {
    await record([...burst("town.example"), ...people(20, "small.example").map((address) => unknownUser(address))]);
    expect(await statuses()).toEqual(["held town.example 500", "quarantined - 20"]);
  });
});

describe("local parts", () => {
  const SOFT = { type: "soft", reason: "mailbox-full", scope: "address" } as const;
  const soft = (address: string, day: number) => unknownUser(address, { at: NOW + day * DAY, verdict: SOFT });
  const stored = () => database.db.query("select address, errors from quarantine");

  test("folded, errors of A@ and a@ are of one address", async () => {
    await record([soft("Ada@one.example", 0)]);
    await record([soft("ada@one.example", 2)]);
    expect(await stored()).toEqual([{ address: "ada@one.example", errors: 2 }]);
  });

  test("told apart, the entry of A@ says nothing of a@; folded again, it does", async () => {
    await record([soft("Ada@one.example", 0)]);
    await save({ foldLocalPart: false });
    await record([soft("ada@one.example", 2)]);
    expect(await stored()).toEqual([{ address: "ada@one.example", errors: 1 }]);
    await save({ foldLocalPart: true });
    await record([soft("ADA@one.example", 4)]);
    expect(await stored()).toEqual([{ address: "ADA@one.example", errors: 2 }]);
  });
});

test("new quarantines are counted for the delivery whose errors put them in, each address once", async () => {
  const { db } = database;
  await record([unknownUser("ada@one.example"), unknownUser("bob@one.example", { deliveryId: 8 })]);
  // Once more, by a mail that comes later; and one that only counts as a soft error.
  await record([unknownUser("ada@one.example", { at: NOW + MINUTE })]);
  await record([unknownUser("cy@one.example", { verdict: { ...HARD, type: "soft", reason: "mailbox-full" } })]);
  expect(await loadNewQuarantines(db, 7)).toBe(1);
  expect(await loadNewQuarantines(db, 8)).toBe(1);
  expect(await loadNewQuarantines(db, 9)).toBe(0);
});
