/** What the analysis and the start make of sender and error address. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { platformSettingsSchema, settingsSchema, type CreateDelivery } from "../../contract/index.ts";
import type { TextAnswer } from "../../core/dmarc/find-policy.ts";
import { confirmDelivery, startDue } from "../deliveries/index.ts";
import { scheduleDelivery } from "../deliveries/start-delivery.ts";
import { typologySchema } from "../../contract/typologies.ts";
import { createTypology } from "../typologies/save-typology.ts";
import { beginAnalysis, runAnalysis } from "./analyse-delivery.ts";

let database: TestDatabase;
let audience: { import: string };
beforeAll(async () => {
  database = await createTestDatabase();
  audience = await importCsv(database.db, "email\na@one.example\n");
});
afterAll(() => database.drop());
beforeEach(() => database.db.query("delete from platform_settings"));

const seed = (changes: Partial<CreateDelivery> = {}) => seedDelivery(database.db, { audience, ...changes });
async function setPlatform(settings: object): Promise<void> {
  await database.db.query(
    `insert into platform_settings (settings, updated_at) values ($1, now())
     on conflict (id) do update set settings = excluded.settings`,
    [JSON.stringify(platformSettingsSchema.parse(settings))],
  );
}
const masksOf = (items: readonly { id: string; level: string; rule?: string | null }[]) =>
  items.filter(({ rule }) => rule === "masks").map(({ id, level }) => `${id} ${level}`);
const MASKS = { address: ["*@shop.example"], errorAddress: ["*@bounces.example"] };

test("an address that no mask allows keeps a delivery from being prepared, its own or the platform's", async () => {
  const id = await seed();
  expect(masksOf((await analyse(database.db, id)).items)).toEqual([]);
  await setPlatform({ senderMasks: MASKS });
  const outside = await analyse(database.db, id);
  expect([outside.ready, ...masksOf(outside.items)]).toEqual([false, "mask-from error", "mask-error error"]);
  await setPlatform({ senderMasks: MASKS, sender: { address: "p@shop.example" }, errorAddress: "e@bounces.example" });
  const inherits = await seed({ sender: { name: "", address: "" } });
  expect(await analyse(database.db, inherits)).toMatchObject({ ready: true });
  const personalised = await seed({ sender: { name: "", address: "{{ recipient.email }}" } });
  expect(masksOf((await analyse(database.db, personalised)).items)).toEqual([]);
  await setPlatform({ senderMasks: MASKS, sender: { address: "p@shop.example" }, errorAddress: "e@else.example" });
  expect(masksOf((await analyse(database.db, inherits)).items)).toEqual(["mask-error error"]);
});

test("masks that come after the analysis keep it from starting, at once and at its date", async () => {
  const [now, later] = [await seed(), await seed()];
  await analyse(database.db, now);
  await analyse(database.db, later);
  const at = { zone: "UTC", at: "2026-11-22T09:00", occurrence: "earlier", notLaterThan: null } as const;
  await scheduleDelivery(database.db, later, "ann", NOW, at);
  await setPlatform({ senderMasks: MASKS });
  await expect(confirmDelivery(database.db, now, "ann", NOW)).rejects.toMatchObject({ code: "sender-outside-masks" });
  await expect(confirmDelivery(database.db, now, "ann", NOW, { undo: 30_000 })).rejects.toMatchObject({
    code: "sender-outside-masks",
  });
  await startDue(database.db, Date.parse("2026-11-22T09:00:01Z"));
  const rows = await database.db.query<{ state: string; hold_reason: string | null }>(
    "select state, hold_reason from deliveries where id = any($1) order by id",
    [[now, later]],
  );
  expect(rows).toEqual([
    { state: "ready", hold_reason: null },
    { state: "ready", hold_reason: expect.stringContaining("news@sender.example") },
  ]);
  await setPlatform({ senderMasks: { ...MASKS, address: ["news@*"], errorAddress: [] } });
  await confirmDelivery(database.db, now, "ann", NOW);
});

/** DNS has these records; `isRelayed`: relays take the mail. */
async function analyseUnder(id: number, zone: Record<string, string | null>, isRelayed = false) {
  const asked: string[] = [];
  const ask = (names: readonly string[]) => {
    asked.push(...names);
    const answerOf = (name: string): TextAnswer => {
      const text = zone[name];
      if (text === null) return { kind: "failed", detail: "SERVFAIL" };
      return text === undefined ? { kind: "no-such-name" } : { kind: "records", records: [text] };
    };
    return Promise.resolve(new Map(names.map((name) => [name, answerOf(name)])));
  };
  await beginAnalysis(database.db, id, "test", NOW);
  const { ready, items } = await runAnalysis(database.db, id, () => NOW, {
    ...CONTENT_DEPS,
    dmarc: { ask, isRelayed },
  });
  const said = items.filter(({ rule }) => rule === "dmarc");
  return { ready, asked, said: said.map(({ id: code, level, title }) => [code, level, title].join(" ")), items: said };
}
const REJECT = "v=DMARC1; p=reject; adkim=s";

test("the DMARC policy of the sender's domain is said; what fails it keeps the delivery from going", async () => {
  const id = await seed();
  const fine = await analyseUnder(id, { "sender.example": REJECT });
  expect(fine).toMatchObject({ ready: true, said: ["dmarc-policy info DMARC of sender.example: reject"] });
  expect(fine.items[0]?.detail).toContain("alignment of DKIM is strict, of SPF relaxed. Aligned by SPF");
  expect(fine.asked).toEqual(["sender.example", "example"]);
  expect((await analyseUnder(id, {})).said).toEqual(["dmarc-policy info DMARC of sender.example: no policy"]);
  expect(await analyseUnder(id, { "sender.example": null })).toMatchObject({
    ready: true,
    said: ["dmarc-not-asked info The DMARC policy of sender.example is not known"],
  });

  await setPlatform({ errorAddress: "bounces@elsewhere.example" });
  const unaligned = "Neither signature nor return path belongs to sender.example";
  expect(await analyseUnder(id, { "sender.example": REJECT })).toMatchObject({
    ready: false,
    said: ["dmarc-policy info DMARC of sender.example: reject", `dmarc-unaligned error ${unaligned}`],
  });
  for (const [zone, isRelayed] of [
    [{ "sender.example": "v=DMARC1; p=none" }, false],
    [{}, false],
    [{ "sender.example": REJECT }, true],
  ] as const) {
    const warned = await analyseUnder(id, zone, isRelayed);
    expect([warned.ready, warned.said[1]]).toEqual([true, `dmarc-unaligned warning ${unaligned}`]);
  }
});

test("nobody is asked about a personalised sender, or where the rule is off", async () => {
  const personalised = await seed({ sender: { name: "", address: "{{ recipient.email }}" } });
  expect(await analyseUnder(personalised, {})).toMatchObject({ asked: [], said: [] });
  const rules = [{ kind: "built-in", name: "dmarc", level: "error", active: false }];
  const { id: typology } = await createTypology(database.db, typologySchema.parse({ name: "No DNS", rules }), NOW);
  const off = await seed({ settings: settingsSchema.parse({ typology }) });
  expect(await analyseUnder(off, {})).toMatchObject({ asked: [], said: [] });
});
