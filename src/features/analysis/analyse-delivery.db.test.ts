/** The analysis on a real database: who is excluded and why, what is copied, what the checklist says, and that it is all or nothing. */
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema, type Content, type CreateDelivery } from "../../contract/index.ts";
import { runAnalysis, beginAnalysis, abandonAnalysis } from "./analyse-delivery.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);

const content = (changes: Partial<Content>): { content: Content } => ({
  content: {
    subject: "Hello",
    html: "<p>Hello, unsubscribe</p>",
    text: "Hello, unsubscribe",
    syntax: "liquid",
    ...changes,
  },
});

const idsOf = (items: readonly { id: string; level: string }[]) => items.map((item) => `${item.level} ${item.id}`);

describe("target and exclusions", () => {
  test("each excluded row has its reason, and the numbers add up", async () => {
    const audience = await importCsv(
      database.db,
      "email,name\nok@a.example,A\nOK@a.example,B\nnobody,C\n,D\nsick@a.example,E\ndeny@a.example,F\nfine@b.example,G\n",
    );
    await rows(
      "insert into quarantine (match_key, address, status, reason, updated_at) values ('sick@a.example', 'sick@a.example', 'quarantined', 'user-unknown', now()), ('fine@b.example', 'fine@b.example', 'with-errors', 'mailbox-full', now())",
    );
    await rows("update recipients set denylisted_at = now() where match_key = 'deny@a.example'");
    const id = await seedDelivery(database.db, { audience });
    const checklist = await analyse(database.db, id);
    const excluded = { duplicate: 1, "invalid-address": 1, "address-not-specified": 1, quarantined: 1, denylisted: 1 };
    expect(checklist).toMatchObject({ ready: true, analysed: true, targeted: 7, toDeliver: 2, excluded });
    expect(
      await rows("select reason, count(*) as n from exclusions where delivery_id = $1 group by 1 order by 1", [id]),
    ).toEqual(
      Object.entries(excluded)
        .map(([reason, n]) => ({ reason, n }))
        .sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    );
    expect(
      await rows("select state, targeted, excluded, to_deliver, analysed_version = version as current from deliveries"),
    ).toEqual([{ state: "ready", targeted: 7, excluded: 5, to_deliver: 2, current: true }]);
    expect(await rows("select address from messages order by address")).toEqual([
      { address: "fine@b.example" },
      { address: "ok@a.example" },
    ]);
  });

  test("only the attributes that the content uses are copied, and later changes of the recipient do not reach them", async () => {
    const audience = await importCsv(
      database.db,
      "email,name,city,secret\na@a.example,Ann,Rome,x\nb@a.example,,Oslo,y\n",
    );
    const id = await seedDelivery(database.db, {
      audience,
      ...content({
        subject: "Hi {{ recipient.name }}",
        html: "{% if recipient.city == 'Rome' %}R{% endif %} {{ recipient.email }} unsubscribe",
      }),
    });
    await analyse(database.db, id);
    await rows("update recipients set attributes = '{}'");
    expect(await rows("select address, vars from messages order by address")).toEqual([
      { address: "a@a.example", vars: { name: "Ann", city: "Rome" } },
      { address: "b@a.example", vars: { name: "", city: "Oslo" } },
    ]);
  });

  test("a large destination gets parts of its own, the others share; no part is too large; sequence numbers start at 0", async () => {
    const people = [
      ...Array.from({ length: 25 }, (_, i) => `p${i}@big.example`),
      ...Array.from({ length: 12 }, (_, i) => `q${i}@small${i}.example`),
    ];
    const audience = await importCsv(database.db, `email\n${people.join("\n")}\n`);
    const id = await seedDelivery(database.db, {
      audience,
      settings: settingsSchema.parse({ validity: "3d", partSize: 10 }),
    });
    await analyse(database.db, id);
    expect(
      await rows(
        "select domain, to_deliver, pending, due_at from delivery_parts order by domain nulls last, to_deliver desc",
      ),
    ).toEqual(
      [
        ["big.example", 10],
        ["big.example", 10],
        ["big.example", 5],
        [null, 10],
        [null, 2],
      ].map(([domain, n]) => ({ domain, to_deliver: n, pending: n, due_at: null })),
    );
    const bad = await rows(
      `select p.id from delivery_parts p join messages m on m.part_id = p.id group by p.id, p.to_deliver
        having count(*) <> p.to_deliver or min(m.seq) <> 0 or max(m.seq) <> p.to_deliver - 1`,
    );
    expect(bad).toEqual([]);
    expect(await rows("select domain, to_deliver from destination_counters where domain = 'big.example'")).toEqual([
      { domain: "big.example", to_deliver: 25 },
    ]);
  });
});

describe("checklist", () => {
  const audience = () =>
    importCsv(database.db, "email,name,city\na@a.example,Ann,Rome\nb@a.example,,Oslo\nc@a.example,Cy,\n");
  const check = async (changes: Partial<Content>) => {
    const id = await seedDelivery(database.db, { audience: await audience(), ...content(changes) });
    return analyse(database.db, id);
  };

  test("a good message has nothing to remark", async () => {
    expect((await check({})).items).toEqual([]);
  });

  test("an attribute that nobody has is an error at its line and column", async () => {
    const { ready, items } = await check({ html: "<p>Hello</p>\n<p>{{ recipient.nmae }} unsubscribe</p>" });
    expect(ready).toBe(false);
    expect(items).toMatchObject([
      { id: "unknown-attribute", level: "error", title: "Unknown attribute recipient.nmae" },
    ]);
    expect(items[0]?.detail).toMatch(/HTML part, line 2, column \d+/);
    expect(await rows("select state from deliveries")).toEqual([{ state: "editing" }]);
    expect(await rows("select 1 from delivery_parts")).toEqual([]);
  });

  test("an attribute that some lack is a warning with numbers", async () => {
    const { ready, items } = await check({ subject: "{{ recipient.name }}" });
    expect(ready).toBe(true);
    expect(items).toMatchObject([
      { id: "attribute-missing", level: "warning", title: "name is missing for 1 recipients" },
    ]);
    expect(items[0]?.detail).toMatch(/Subject, line 1, column \d+.* 66 %/);
  });

  test("a template mistake is an error at its line and column", async () => {
    const { ready, items } = await check({ html: "<p>\n{% if recipient.name %}</p>" });
    expect(ready).toBe(false);
    expect(items[0]).toMatchObject({ level: "error" });
    expect(items[0]?.title).toMatch(/HTML part, line 2, column/);
  });

  test("messages without HTML are counted, by recipients' preference and by what domains can show", async () => {
    await importCsv(
      database.db,
      "email,email_format\na@a.example,text\nb@a.example,html\nc@phone.example,\nd@a.example,TEXT \ne@a.example,\n",
    );
    await rows(
      `insert into platform_settings (settings, updated_at)
       values ('{"formatRules": [{"domains": ["phone.example"], "format": "text"}]}', now())`,
    );
    const id = await seedDelivery(database.db);
    expect((await analyse(database.db, id)).ready).toBe(true);
    expect(await rows("select analysis->'textMessages' as n from deliveries where id = $1", [id])).toEqual([{ n: 3 }]);
    await rows("delete from platform_settings");
  });

  test("no unsubscribe link is a warning; a text part is made from the HTML", async () => {
    const { text: _, ...rest } = content({ html: "<p>Hello</p>" }).content;
    const id = await seedDelivery(database.db, { audience: await audience(), content: rest });
    const { ready, items } = await analyse(database.db, id);
    expect(ready).toBe(true);
    expect(idsOf(items)).toEqual(["warning no-unsubscribe-link"]);
  });

  test.each([
    [30, []],
    [40, ["warning size-35k"]],
    [70, ["warning size-60k"]],
    [110, ["warning size-102k"]],
  ])("a message of %i kB", async (kB, expected) => {
    const { items } = await check({ html: `<p>unsubscribe</p>${"word ".repeat((kB * 1024) / 5 - 100)}` });
    expect(idsOf(items)).toEqual(expected);
  });

  test("an audience that leaves nobody is an error that says why", async () => {
    const id = await seedDelivery(database.db, { audience: await importCsv(database.db, "email\nnobody\nnor@\n") });
    const { ready, items, targeted, toDeliver } = await analyse(database.db, id);
    expect({ ready, targeted, toDeliver }).toEqual({ ready: false, targeted: 2, toDeliver: 0 });
    expect(items).toMatchObject([
      { id: "no-recipients", level: "error", detail: "All 2 rows are excluded: 2 invalid-address." },
    ]);
  });

  test.each<[string, string, Partial<CreateDelivery["sender"]>, object, string]>([
    [
      "an error address",
      "Error address",
      { errorAddress: "{{ recipient.city }}@b.example" },
      {},
      '"two words@b.example"',
    ],
    [
      "a return path without room for the tag",
      "Error address",
      { errorAddress: `${"x".repeat(40)}-{{ recipient.name }}@b.example` },
      { verp: true },
      "64",
    ],
    [
      "a header",
      "Header List-Id",
      {},
      { headers: [{ name: "List-Id", value: "{{ recipient.name | append: recipient.long }}" }] },
      "too long",
    ],
  ])("%s that fails for a recipient is found here, not while sending", async (_, part, sender, settings, detail) => {
    const audience = await importCsv(
      database.db,
      `email,name,city,long\na@a.example,Ann,two words,${"x".repeat(1000)}\n`,
    );
    const id = await seedDelivery(database.db, {
      audience,
      sender: { name: "Tests", address: "news@sender.example", ...sender },
      settings: settingsSchema.parse({ validity: "3d", ...settings }),
    });
    const { ready, items } = await analyse(database.db, id);
    expect(ready).toBe(false);
    expect(items).toMatchObject([
      {
        id: "render-failed",
        title: `${part} cannot be rendered for a@a.example`,
        detail: expect.stringContaining(detail),
      },
    ]);
  });

  test("a template that never ends for a recipient's values is found here, not while sending", async () => {
    const { ready, items } = await check({
      html: "unsubscribe {% for i in (1..1000000) %}{% for j in (1..1000000) %}x{% endfor %}{% endfor %}",
    });
    expect(ready).toBe(false);
    expect(items.some((item) => item.level === "error")).toBe(true);
  });
});

describe("all or nothing", () => {
  const state = async () => ({
    deliveries: await rows("select state, version, analysed_version, targeted, excluded, to_deliver from deliveries"),
    parts: await rows("select id, to_deliver from delivery_parts order by id"),
    messages: await rows("select part_id, seq, address, vars from messages order by part_id, seq"),
    exclusions: await rows("select address, reason from exclusions order by id"),
    checklist: await rows("select id, level from checklist_items order by position"),
    destinations: await rows("select domain, to_deliver from destination_counters order by domain"),
  });

  test("a second analysis replaces the parts of the first", async () => {
    const id = await seedDelivery(database.db, {
      audience: await importCsv(database.db, "email,name\na@a.example,A\nb@b.example,B\n"),
    });
    await analyse(database.db, id);
    const first = await rows("select id from delivery_parts");
    await rows("update recipients set denylisted_at = now() where match_key = 'b@b.example'");
    const checklist = await analyse(database.db, id);
    expect(checklist).toMatchObject({ ready: true, targeted: 2, toDeliver: 1, excluded: { denylisted: 1 } });
    expect(await rows("select address from messages")).toEqual([{ address: "a@a.example" }]);
    expect(await rows("select id from delivery_parts")).not.toEqual(first);
    expect(await rows("select domain, to_deliver from destination_counters")).toEqual([
      { domain: "a.example", to_deliver: 1 },
    ]);
  });

  test("an analysis that is killed at any point leaves what was there", async () => {
    const id = await seedDelivery(database.db, {
      audience: await importCsv(database.db, "email,name\na@a.example,A\nnobody,B\n"),
    });
    await analyse(database.db, id);
    const before = await state();
    // Held up at its last table, with everything else written; then its connection is cut.
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query("begin; lock table checklist_items in access exclusive mode");
    await beginAnalysis(database.db, id, "test", NOW);
    const analysis = runAnalysis(database.db, id, () => NOW, CONTENT_DEPS).then(
      () => "finished",
      () => "killed",
    );
    await untilBlocked(blocker);
    await blocker.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    expect(await analysis).toBe("killed");
    await blocker.query("rollback");
    await blocker.end();
    expect(await rows("select state from deliveries")).toEqual([{ state: "analysing" }]);
    // The same job again, as the worker does it.
    expect(await runAnalysis(database.db, id, () => NOW, CONTENT_DEPS)).toMatchObject({ ready: true });
    const { parts: _, messages: __, ...after } = await state();
    const { parts: ___, messages: ____, ...expected } = before;
    expect(after).toEqual(expected);
  });

  test("an edit during the analysis makes its result worthless: nothing of it is kept", async () => {
    const id = await seedDelivery(database.db, { audience: await importCsv(database.db, "email\na@a.example\n") });
    await beginAnalysis(database.db, id, "test", NOW);
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query("begin; lock table delivery_exclusions in access exclusive mode");
    const analysis = runAnalysis(database.db, id, () => NOW, CONTENT_DEPS);
    await untilBlocked(blocker);
    await blocker.query("update deliveries set version = version + 1 where id = $1", [id]);
    await blocker.query("commit");
    await blocker.end();
    await expect(analysis).rejects.toMatchObject({ code: "delivery-changed" });
    expect(await rows("select 1 from delivery_parts")).toEqual([]);
    await abandonAnalysis(database.db, id);
    expect(await rows("select state, analysed_version from deliveries")).toEqual([
      { state: "editing", analysed_version: null },
    ]);
  });
});

/** Resolves when somebody in this database waits for a lock. */
async function untilBlocked(client: Client): Promise<void> {
  await client.query(
    `do $$ begin
       while not exists (
         select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()) loop
         perform pg_sleep(0.01);
         perform pg_stat_clear_snapshot();
       end loop;
     end $$`,
  );
}
