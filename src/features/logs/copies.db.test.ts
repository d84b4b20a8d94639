/** Copies in figures, log and message: shown where they belong, and nothing else moves because of them. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { seedArchive, seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { copySchema } from "../../contract/responses-messages.ts";
import {
  deliverySummarySchema,
  liveIndicatorsSchema,
  logLineSchema,
  messageDetailSchema,
  pageOf,
} from "../../contract/responses.ts";
import { loadDeliveryFigures } from "../deliveries/index.ts";

let web: TestWebApp;
let id: number;
let archives: number[];
let parts: number[];

/** Three parts: ten, ten and five messages; two archives. */
beforeAll(async () => {
  web = await createTestWebApp();
  archives = [
    await seedArchive(web.db, { name: "Journal" }),
    await seedArchive(web.db, { name: "copies@secret.example" }),
  ];
  id = await seedInProgress(web.db, 25, 10, { archive: { on: true } });
  const rows = await web.db.query<{ id: number }>("select id from delivery_parts where delivery_id = $1 order by id", [
    id,
  ]);
  parts = rows.map((row) => row.id);
  await web.db.query("update messages set status = 'sent', attempts = 1 where part_id = $1", [parts[0]]);
  await web.db.query("update delivery_parts set pending = 0, sent = 10 where id = $1", [parts[0]]);
});
afterAll(() => web.close());

type State = "owed" | "archived" | "given-up";
type Copies = readonly {
  readonly part: number;
  readonly seq: number;
  readonly archive: number;
  readonly state: State;
}[];

/** Replaces the ledger; the counters follow from the rows. */
async function setCopies(copies: Copies): Promise<void> {
  await web.db.query("delete from archive_copies");
  await web.db.query(
    `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, next_attempt_at, archived_at, reply, digest, location)
     select c.part, c.seq, c.archive, c.state, 2, '2026-11-21T08:00:00Z',
            case when c.state = 'owed' then '2026-11-21T09:00:00Z'::timestamptz end,
            case when c.state = 'archived' then '2026-11-21T08:01:00Z'::timestamptz end,
            '452 copies@secret.example is full', '\\xab01', null
       from jsonb_to_recordset($1) as c (part bigint, seq int, archive smallint, state text)`,
    [JSON.stringify(copies)],
  );
  await web.db.query(
    `update archive_parts p set due = n.due, archived = n.archived, owed = n.owed, given_up = n.given_up, due_at = now()
       from (select a.part_id, count(c.seq) as due, count(*) filter (where c.state = 'archived') as archived,
                    count(*) filter (where c.state = 'owed') as owed, count(*) filter (where c.state = 'given-up') as given_up
               from archive_parts a left join archive_copies c on c.part_id = a.part_id group by a.part_id) n
      where n.part_id = p.part_id`,
  );
}

const live = () => web.get(`/api/v1/deliveries/${id}/indicators`, liveIndicatorsSchema);
const log = async () => (await web.get(`/api/v1/deliveries/${id}/messages`, pageOf(logLineSchema))).data;

const state = fc.constantFrom<State>("owed", "archived", "given-up");
const copiesOf = () =>
  fc.uniqueArray(
    fc.record({ part: fc.constantFrom(...parts), seq: fc.nat(4), archive: fc.constantFrom(...archives), state }),
    {
      selector: ({ part, seq, archive }) => `${part}-${seq}-${archive}`,
      maxLength: 30,
    },
  );

test("whatever becomes of copies, no other figure moves", async () => {
  const without = async () => {
    const { copies, at: _, ...figures } = await live();
    const lines = (await log()).map(({ archived: _archived, ...line }) => line);
    return { copies, rest: { figures, lines } };
  };
  const before = await without();
  expect(before.copies).toEqual({ due: 0, archived: 0, owed: 0, givenUp: 0 });
  expect(before.rest.figures).toMatchObject({ targeted: 25, toDeliver: 25, sent: 10, pending: 15, successRate: 0.4 });
  await fc.assert(
    fc.asyncProperty(copiesOf(), async (copies) => {
      await setCopies(copies);
      const after = await without();
      const number = (wanted: State) => copies.filter((copy) => copy.state === wanted).length;
      expect(after).toEqual({
        copies: { due: copies.length, archived: number("archived"), owed: number("owed"), givenUp: number("given-up") },
        rest: before.rest,
      });
      const [summary] = (await web.get("/api/v1/deliveries", pageOf(deliverySummarySchema))).data;
      const figures = await loadDeliveryFigures(web.db, id, Date.now());
      expect(summary).toMatchObject({ copies: after.copies, sent: 10, toDeliver: 25 });
      expect(figures?.indicators).toMatchObject({ copies: after.copies, sent: 10, toDeliver: 25 });
      const archived = (await log()).filter((line) => line.archived).map((line) => line.key);
      const expected = new Set(copies.map(({ part, seq }) => `${part}-${seq}`));
      for (const { part, seq, state: each } of copies) if (each !== "archived") expected.delete(`${part}-${seq}`);
      expect(new Set(archived)).toEqual(expected);
    }),
    { numRuns: 15 },
  );
});

test("a message shows its copies and whether they are inert; where they go only to those with the right", async () => {
  const [part = 0] = parts;
  await web.db.query(`update deliveries set archive = archive || '{"copy": "inert"}' where id = $1`, [id]);
  const [journal = 0, secret = 0] = archives;
  await setCopies([
    { part, seq: 0, archive: journal, state: "archived" },
    { part, seq: 0, archive: secret, state: "owed" },
    { part, seq: 1, archive: journal, state: "given-up" },
  ]);
  const detail = await web.get(`/api/v1/messages/${part}-0`, messageDetailSchema);
  const common = {
    key: `${part}-0`,
    deliveryId: String(id),
    attempts: 2,
    inDoubt: false,
    dueSince: "2026-11-21T08:00:00.000Z",
    digest: "ab01",
    inert: true,
    location: null,
    seed: false,
  };
  const owed = {
    ...common,
    archiveId: String(secret),
    state: "owed",
    nextAttemptAt: "2026-11-21T09:00:00.000Z",
    archivedAt: null,
  };
  expect(detail.archived).toBe(false);
  expect(detail.copies).toEqual([
    {
      ...common,
      archiveId: String(journal),
      archiveName: "Journal",
      state: "archived",
      nextAttemptAt: null,
      archivedAt: "2026-11-21T08:01:00.000Z",
      reply: "452 copies@secret.example is full",
    },
    { ...owed, archiveName: "copies@secret.example", reply: "452 copies@secret.example is full" },
  ]);
  const made = await web.call("POST", "/api/v1/tokens", { label: "reader", rights: [] });
  const { token } = made.body as { token: string };
  const answer = await web.call("GET", `/api/v1/messages/${part}-0`, undefined, { authorization: `Bearer ${token}` });
  expect(answer.text).not.toContain("secret.example");
  expect(messageDetailSchema.parse(answer.body).copies[1]).toMatchObject({
    ...owed,
    archiveName: "•••",
    reply: "452 ••• is full",
  });
});

test("what a sender waits for is shown while it is heard of and the delivery is in progress, without addresses", async () => {
  expect((await live()).waitingFor).toBeNull();
  await web.db.query(
    `insert into sender_status (sender, delivery_id, on_wire, leased_parts, updated_at, waiting_for)
     values ('s1', $1, 0, 1, now(), null), ('s2', $1, 0, 1, now(), 'the archive copies@secret.example: 452 full'),
            ('s3', $1, 0, 1, now() - interval '1 hour', 'a long gone archive')`,
    [id],
  );
  expect((await live()).waitingFor).toBe("the archive •••: 452 full");
  await web.db.query("update deliveries set state = 'paused' where id = $1", [id]);
  expect((await live()).waitingFor).toBeNull();
  await web.db.query("update deliveries set state = 'in-progress' where id = $1", [id]);
  await web.db.query("delete from sender_status where sender = 's2'");
  expect((await live()).waitingFor).toBeNull();
});

test("the checklist names archives only to those with the right", async () => {
  await web.db.query(
    `insert into checklist_items (delivery_id, position, id, level, title, detail)
     values ($1, 1, 'archive', 'info', 'BCC on: 2 copies', 'To "copies@secret.example".'),
            ($1, 2, 'render-failed', 'error', 'Subject cannot be rendered for ann@a.example', 'x')
     on conflict (delivery_id, position) do update set id = excluded.id, level = excluded.level, title = excluded.title, detail = excluded.detail`,
    [id],
  );
  const made = await web.call("POST", "/api/v1/tokens", { label: "reader", rights: [] });
  const { token } = made.body as { token: string };
  const path = `/api/v1/deliveries/${id}/checklist`;
  const seen = await web.call("GET", path, undefined, { authorization: `Bearer ${token}` });
  expect(seen.text).not.toContain("secret.example");
  expect(seen.text).toContain("ann@a.example");
  expect((await web.call("GET", path)).text).toContain("copies@secret.example");
});

test("copies of seeds stand beside those of recipients, in the figures and one by one", async () => {
  const [first = 0, second = 0, ofSeeds = 0] = parts;
  const [archive = 0] = archives;
  await web.db.query("update delivery_parts set seeds = true where id = $1", [ofSeeds]);
  await setCopies([
    { part: first, seq: 0, archive, state: "archived" },
    { part: second, seq: 0, archive, state: "owed" },
    { part: ofSeeds, seq: 0, archive, state: "archived" },
    { part: ofSeeds, seq: 1, archive, state: "owed" },
    { part: ofSeeds, seq: 2, archive, state: "given-up" },
  ]);
  const copies = { due: 2, archived: 1, owed: 1, givenUp: 0 };
  const seedCopies = { due: 3, archived: 1, owed: 1, givenUp: 1 };
  expect(await live()).toMatchObject({ copies, seedCopies });
  const [summary] = (await web.get("/api/v1/deliveries", pageOf(deliverySummarySchema))).data;
  expect(summary).toMatchObject({ copies, seedCopies });
  const { data } = await web.get(`/api/v1/archive/copies?delivery=${id}`, pageOf(copySchema));
  expect(data.map(({ seed }) => seed)).toEqual([false, false, true, true, true]);
  expect(await web.get(`/api/v1/messages/${ofSeeds}-1`, messageDetailSchema)).toMatchObject({
    seed: true,
    copies: [{ seed: true, state: "owed" }],
  });
});
