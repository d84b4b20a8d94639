/** Deliveries that go on to new recipients, on a real database: who is added, who is not, and that all figures still agree. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, CONTENT_DEPS, importCsv, NOW, seedArchive, seedDelivery } from "../../../test/seed-delivery.ts";
import { type Audience, settingsSchema } from "../../contract/index.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { leaseParts } from "../../mta/store.ts";
import {
  confirmDelivery,
  loadDeliveryFigures,
  pauseDelivery,
  readDelivery,
  resumeDelivery,
  settleDelivery,
  stopDelivery,
} from "../deliveries/index.ts";
import { askToContinue } from "../deliveries/continue-delivery.ts";
import { listAdditions } from "../deliveries/additions-store.ts";
import { addRecipients } from "./add-recipients.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const PERSON = { label: "ann", operatorId: null, groupIds: [], rights: null };
let made = 0;
/** People with addresses of their own, for each test. */
const names = (count: number) =>
  Array.from({ length: count }, () => `p${made++}@${made % 3 === 0 ? "one" : "two"}.example`);
const file = (emails: readonly string[]) => importCsv(database.db, `email\n${emails.join("\n")}\n`);

async function begun(audience: Audience, settings: object = {}): Promise<number> {
  const parsed = settingsSchema.parse({ validity: "3d", partSize: 10, ...settings });
  const id = await seedDelivery(database.db, { audience, settings: parsed });
  await analyse(database.db, id);
  await confirmDelivery(database.db, id, "ann", NOW);
  return id;
}

/** Answers the work that is to be done. */
async function ask(id: number, audience: Audience, { again = false, now = NOW + HOUR, person = PERSON } = {}) {
  let addition = 0;
  await askToContinue(database.db, id, { audience, again, person }, async (_, wanted) => void (addition = wanted), now);
  return () => addRecipients(database.db, addition, () => now, CONTENT_DEPS);
}

const goOn = async (...request: Parameters<typeof ask>) => (await ask(...request))();
const latest = async (id: number) => (await listAdditions(database.db, id, null, 10))[0];
const people = (id: number) =>
  database.db.query<{ address: string; n: number }>(
    `select m.address, count(*) as n from delivery_parts p join messages m on m.part_id = p.id
      where p.delivery_id = $1 group by m.address order by m.address`,
    [id],
  );
/** As senders do with what leaves. */
const sendAll = (id: number) =>
  database.db.query(
    `with gone as (update messages m set status = 'sent' from delivery_parts p
       where p.id = m.part_id and p.delivery_id = $1 and m.status = 'pending')
     update delivery_parts set sent = sent + pending, pending = 0, due_at = null where delivery_id = $1`,
    [id],
  );

/** targeted = excluded + to deliver, in every place where they are kept. */
async function agreed(id: number) {
  const [row] = await database.db.query<Record<string, number>>(
    `select targeted, excluded, to_deliver,
            (select coalesce(sum(count), 0) from delivery_exclusions where delivery_id = d.id) as by_reason,
            (select count(*) from exclusions where delivery_id = d.id)
              + (select coalesce(sum(count), 0) from suppressed_exclusions where delivery_id = d.id) as listed,
            (select sum(to_deliver) from delivery_parts where delivery_id = d.id and not seeds) as in_parts,
            (select sum(to_deliver) from destination_counters where delivery_id = d.id) as at_destinations,
            (select count(*) from delivery_parts p join messages m on m.part_id = p.id where p.delivery_id = d.id and not p.seeds) as messages
       from deliveries d where id = $1`,
    [id],
  );
  const { targeted = 0, excluded = 0, to_deliver: toDeliver = 0, ...rest } = row!;
  expect(targeted).toBe(excluded + toDeliver);
  expect(rest).toEqual({
    by_reason: excluded,
    listed: excluded,
    in_parts: toDeliver,
    at_destinations: toDeliver,
    messages: toDeliver,
  });
  return { targeted, excluded, toDeliver };
}

test("whoever is new gets a message, whoever has one gets no other; the delivery says what was added", async () => {
  const [first, later] = [names(25), names(12)];
  const id = await begun(await file(first));
  await goOn(id, await file([...first.slice(0, 5), ...later]));
  expect(await agreed(id)).toEqual({ targeted: 37, excluded: 0, toDeliver: 37 });
  expect((await people(id)).every(({ n }) => n === 1)).toBe(true);
  expect(await latest(id)).toMatchObject({ askedBy: "ann", targeted: 12, excluded: 0, toDeliver: 12, error: null });
  const items = await database.db.query<{ id: string; title: string }>(
    "select id, title from checklist_items where delivery_id = $1 order by position desc limit 1",
    [id],
  );
  expect(items).toEqual([{ id: "recipients-added", title: "12 recipients were added" }]);
  const [event] = await database.db.query<{ kind: string; actor: string; detail: object }>(
    "select kind, actor, detail from delivery_events where delivery_id = $1 order by id desc limit 1",
    [id],
  );
  expect(event).toEqual({
    kind: "delivery.continued",
    actor: "ann",
    detail: { targeted: 12, excluded: 0, toDeliver: 12 },
  });
  // Senders take the new parts like all others.
  const wish = { limit: 99, avoidDomains: [], isOthers: () => false };
  const leased = await leaseParts(database.db, "a-1", id, wish, NOW + HOUR, NOW + 2 * HOUR);
  expect(leased.length).toBeGreaterThan(3);
});

test("repeated, it adds nobody and counts nobody twice, not the rows that were rejected either", async () => {
  const id = await begun(await file(names(3)));
  const more = await importCsv(database.db, `email\n${names(2).join("\n")}\nnonsense\n`);
  await goOn(id, more);
  const before = await agreed(id);
  expect(before).toEqual({ targeted: 6, excluded: 1, toDeliver: 5 });
  await goOn(id, more);
  expect(await agreed(id)).toEqual(before);
  expect(await latest(id)).toMatchObject({ targeted: 0, excluded: 0, toDeliver: 0 });
  await goOn(id, more, { again: true });
  expect(await agreed(id)).toEqual({ targeted: 8, excluded: 1, toDeliver: 7 });
});

test("exclusions and rules apply again; whoever is free again leaves the exclusions, and counts once", async () => {
  const [blocked = "", free = "", ...others] = names(6);
  const audience = await file([blocked, free, ...others]);
  const deny = (email: string, at: string) =>
    database.db.query(`update recipients set denylisted_at = ${at} where match_key = $1`, [email]);
  await deny(blocked, "now()");
  await deny(free, "now()");
  const id = await begun(audience);
  expect(await agreed(id)).toEqual({ targeted: 6, excluded: 2, toDeliver: 4 });
  await deny(free, "null");
  const [fresh = "", left = ""] = names(2);
  const more = await file([free, blocked, fresh, left]);
  await deny(left, "now()");
  await goOn(id, more);
  expect(await agreed(id)).toEqual({ targeted: 8, excluded: 2, toDeliver: 6 });
  expect((await people(id)).map(({ address }) => address)).toEqual([free, fresh, ...others].sort());
  expect(await latest(id)).toMatchObject({ targeted: 2, excluded: 0, toDeliver: 2 });
});

test("people on the suppression list count once, however often they are to be added, and are found when they are off it", async () => {
  const [hidden = "", listed = "", later = "", ...others] = names(6);
  const audience = await file([hidden, listed, ...others]);
  const suppress = (email: string) =>
    database.db.query("insert into suppressed_addresses (hash, added_at) values (sha256($1), now())", [
      Buffer.from(email),
    ]);
  for (const email of [hidden, listed]) await suppress(email);
  const id = await begun(audience);
  expect(await agreed(id)).toEqual({ targeted: 5, excluded: 2, toDeliver: 3 });
  await goOn(id, audience);
  await goOn(id, audience, { again: true });
  expect(await agreed(id)).toEqual({ targeted: 8, excluded: 2, toDeliver: 6 });
  await database.db.query("update recipients set denylisted_at = now() where match_key = $1", [listed]);
  await suppress(later);
  await goOn(id, await file([hidden, listed, later]));
  expect(await agreed(id)).toEqual({ targeted: 9, excluded: 3, toDeliver: 6 });
  await database.db.query("delete from suppressed_addresses where hash = sha256($1)", [Buffer.from(hidden)]);
  await goOn(id, await file([hidden, later]));
  expect(await agreed(id)).toEqual({ targeted: 9, excluded: 2, toDeliver: 7 });
  const kept = await database.db.query<{ hash: Buffer }>(
    "select hash from suppressed_exclusions where delivery_id = $1",
    [id],
  );
  const lists = await database.db.query<{ hash: Buffer }>("select hash from suppressed_addresses");
  const known = new Set(lists.map(({ hash }) => hash.toString("hex")));
  expect(kept.map(({ hash }) => known.has(hash.toString("hex")))).toEqual([false, false]);
});

test("the control group stays out, a size limit and a fixed control group hold for all of it", async () => {
  const list = async (count: number) => {
    const { import: id } = await file(names(count));
    const [row] = await database.db.query<{ list: string }>("select list_id::text as list from imports where id = $1", [
      id,
    ]);
    return { list: row?.list ?? "" };
  };
  const audience = await list(20);
  const id = await begun(audience, { population: { control: { percent: 50 } } });
  expect(await agreed(id)).toEqual({ targeted: 20, excluded: 10, toDeliver: 10 });
  await goOn(id, audience);
  expect(await agreed(id)).toEqual({ targeted: 20, excluded: 10, toDeliver: 10 });

  const limited = await begun(await list(5), { population: { limit: { recipients: 8 }, control: { recipients: 2 } } });
  await goOn(limited, await list(9));
  expect(await agreed(limited)).toEqual({ targeted: 14, excluded: 8, toDeliver: 6 });
});

test("a finished delivery goes on within its validity, a paused one when it is resumed, a stopped one never", async () => {
  const id = await begun(await file(names(3)));
  const state = async () => (await readDelivery(database.db, String(id))).state;
  await sendAll(id);
  await settleDelivery(database.db, id, NOW);
  expect(await state()).toBe("finished");
  await goOn(id, await file(names(4)));
  expect(await readDelivery(database.db, String(id))).toMatchObject({ state: "in-progress", finishedAt: null });
  expect(await loadDeliveryFigures(database.db, id, NOW)).toMatchObject({
    indicators: { targeted: 7, toDeliver: 7, pending: 4, sent: 3 },
  });
  await pauseDelivery(database.db, id, "ann", NOW);
  await goOn(id, await file(names(4)));
  expect(await state()).toBe("pausing");
  await resumeDelivery(database.db, id, "ann", NOW);
  expect(await agreed(id)).toEqual({ targeted: 11, excluded: 0, toDeliver: 11 });
  await expect(ask(id, await file(names(1)), { now: NOW + 4 * DAY })).rejects.toThrow("valid");
  await stopDelivery(database.db, id, "ann", NOW);
  await expect(ask(id, await file(names(1)))).rejects.toMatchObject({ code: "action-not-allowed" });
});

test("stopped while people are chosen, nobody is added, and it says why", async () => {
  const id = await begun(await file(names(3)));
  const work = await ask(id, await file(names(4)));
  await stopDelivery(database.db, id, "ann", NOW);
  await work();
  expect(await agreed(id)).toEqual({ targeted: 3, excluded: 0, toDeliver: 3 });
  expect((await latest(id))?.error).toContain("stop");
  await settleDelivery(database.db, id, NOW);
  expect((await readDelivery(database.db, String(id))).state).toBe("stopped");
});

test("asked for many times at once, with stops and ends in between, nobody gets two messages", async () => {
  const first = names(5);
  const id = await begun(await file(first));
  const all = [...first];
  const works: (() => Promise<void>)[] = [];
  for (let i = 0; i < 3; i++) {
    all.push(...names(4));
    works.push(await ask(id, await file(all)));
  }
  const settle = () => settleDelivery(database.db, id, NOW);
  await Promise.all([...works, ...works].flatMap((work) => [work(), settle(), sendAll(id)]));
  const sums = await agreed(id);
  expect(sums).toEqual({ targeted: 17, excluded: 0, toDeliver: 17 });
  expect((await people(id)).every(({ n }) => n === 1)).toBe(true);
  await sendAll(id);
  await settle();
  expect((await readDelivery(database.db, String(id))).state).toBe("finished");
});

test("archives get their ledgers, and whoever may not start or approve may not add", async () => {
  await seedArchive(database.db);
  const id = await begun(await file(names(3)), { archive: { on: true } });
  await goOn(id, await file(names(3)));
  const [row] = await database.db.query<{ parts: number; ledgers: number }>(
    `select (select count(*) from delivery_parts where delivery_id = $1) as parts,
            (select count(*) from archive_parts where delivery_id = $1) as ledgers`,
    [id],
  );
  expect(row?.ledgers).toBe(row?.parts);

  await database.db.query(
    `update deliveries set settings = settings || '{"approval": {"mode": "manual", "target": {"operators": ["7"], "groups": []}}}' where id = $1`,
    [id],
  );
  const person = { ...PERSON, operatorId: 8, rights: ["deliveries.start"] } as never;
  await expect(ask(id, { all: true }, { person })).rejects.toMatchObject({ code: "not-a-reviewer" });
  await expect(ask(id, { list: "99999" })).rejects.toMatchObject({ code: "invalid-input" });
});
