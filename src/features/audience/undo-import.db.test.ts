/** Taking an import back: what nobody touched is as before, what somebody did stays, and nothing is half done. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { importOptionsSchema, type ImportOptionsGiven } from "../../contract/audience-imports.ts";
import { importStatusSchema } from "../../contract/responses.ts";
import { DAY } from "../../core/time.ts";
import { denylist, forgetImports, importFile, workAudience } from "./index.ts";

let web: TestWebApp;
let clock = Date.UTC(2030, 0, 2);
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());
beforeEach(() =>
  web.db.query(
    "truncate recipients, attributes, lists, list_members, imports, import_errors, import_changes, messages, deliveries cascade",
  ),
);

async function* bytes(content: string) {
  yield Buffer.from(content);
}

const bring = (content: string, options: ImportOptionsGiven = {}) =>
  importFile(
    web.db,
    { fileName: "people.csv", stream: bytes(content) },
    { now: () => (clock += 1000), rules: importOptionsSchema.parse(options) },
  );
const people = () =>
  web.db.query("select id, address, attributes, denylisted_at, created_at, updated_at from recipients order by id");
const state = async () => ({
  people: await people(),
  lists: await web.db.query("select id, label from lists order by id"),
  members: await web.db.query("select * from list_members order by list_id, recipient_id"),
});

async function undo(id: string) {
  const answer = await web.call("POST", `/api/v1/imports/${id}/actions/undo`);
  expect(answer.status).toBe(202);
  expect(importStatusSchema.parse(answer.body).undo.state).toBe("running");
  await workAudience(web.db, () => (clock += 1000));
  const { undo: told } = await web.get(`/api/v1/imports/${id}`, importStatusSchema);
  return told;
}

const refusal = async (id: string) => {
  const { status, body } = await web.call("POST", `/api/v1/imports/${id}/actions/undo`);
  return [status, (body as { code: string; detail: string }).code];
};

test("whom it created goes with its list; whom it changed is as before, also the version", async () => {
  await bring("email,name,city\na@x.example,Ann,Ulm\nb@x.example,Bob,Bonn\n");
  const before = await state();
  const done = await bring("email,name,plan\nA@X.example,Anna,gold\nb@x.example,Bob,\nc@x.example,Cyd,free\n");
  expect(done.undo.until).toBe(new Date(clock + 30 * DAY).toISOString());
  expect(await undo(done.id)).toMatchObject({ state: "completed", restored: 2, removed: 1, kept: 0, until: null });
  expect(await state()).toEqual(before);
  expect(await web.db.query("select count(*) from import_changes")).toEqual([{ count: 0 }]);
  expect(await refusal(done.id)).toEqual([409, "import-not-undoable"]);
});

test("one after the other, the last first, all is as it was", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          rows: fc.array(fc.tuple(fc.constantFrom("a", "A", "b", "c", "d"), fc.constantFrom("", "1", "2")), {
            maxLength: 4,
          }),
          column: fc.constantFrom("n", "m"),
          mode: fc.constantFrom("create", "update", "upsert"),
          onBlank: fc.constantFrom("keep", "erase"),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      async (imports) => {
        const before = await state();
        const done = [];
        const states = [before];
        for (const { rows, column, ...options } of imports) {
          done.push(
            await bring(
              `email,${column}\n${rows.map(([who, n]) => `${who}@x.example,${n}\n`).join("")}`,
              options as ImportOptionsGiven,
            ),
          );
          states.push(await state());
        }
        for (const { id } of done.toReversed()) {
          states.pop();
          await undo(id);
          expect(await state()).toEqual(states.at(-1));
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("what somebody changed since stays; the rest of that person's values come back", async () => {
  await bring("email,name,city\na@x.example,Ann,Ulm\nb@x.example,Bob,Bonn\n");
  const done = await bring(
    "email,name,city,plan\na@x.example,Anna,Kiel,gold\nb@x.example,Bo,Bo,x\nc@x.example,Cyd,,\n",
  );
  await web.call("POST", "/api/v1/recipients", { address: "a@x.example", attributes: { city: "Rom" } });
  await web.call("POST", "/api/v1/recipients", { address: "c@x.example", attributes: { city: "Rom" } });
  await web.call("POST", "/api/v1/recipients/actions/upsert", {
    recipients: [{ address: "b@x.example", attributes: { name: "1", city: "2", plan: "3" } }],
  });
  expect(await undo(done.id)).toMatchObject({ restored: 1, removed: 0, kept: 2 });
  expect(await web.db.query("select address, attributes from recipients order by address")).toEqual([
    { address: "a@x.example", attributes: { name: "Ann", city: "Rom" } },
    { address: "b@x.example", attributes: { name: "1", city: "2", plan: "3" } },
    { address: "c@x.example", attributes: { name: "Cyd", city: "Rom", plan: "" } },
  ]);
});

test("who is on another list, on the denylist or in a delivery stays", async () => {
  const done = await bring("email\nlisted@x.example\ndenied@x.example\nmailed@x.example\nnobody@x.example\n");
  const list = (await web.call("POST", "/api/v1/lists", { label: "Mine" })).body as { id: string };
  await web.call("POST", `/api/v1/lists/${list.id}/members`, { add: ["listed@x.example"] });
  await denylist(web.db, { address: "denied@x.example", reason: "unsubscribed", at: (clock += 1000) });
  await mail("mailed@x.example");
  expect(await undo(done.id)).toMatchObject({ removed: 1, kept: 3 });
  const left = await web.db.query<{ address: string }>("select address from recipients order by 1");
  expect(left.map(({ address }) => address)).toEqual(["denied@x.example", "listed@x.example", "mailed@x.example"]);
  expect(await web.db.query("select label from lists")).toEqual([{ label: "Mine" }]);
});

/** A message of a delivery, as an analysis makes it. */
async function mail(address: string) {
  await web.db.query("create table if not exists messages_test partition of messages for values from (1) to (1000000)");
  await web.db.query(
    "insert into messages (part_id, seq, recipient_id, address, vars) select 1, 1, id, address, '{}' from recipients where address = $1",
    [address],
  );
}

test("more people than one batch; a second worker does nothing twice", async () => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `p${i}@x.example,${i}`).join("\n");
  await bring(`email,n\n${lines}`);
  const before = await state();
  const done = await bring(`email,n\n${lines.replaceAll(",", ",1")}\nq@x.example,1\n`);
  await web.call("POST", `/api/v1/imports/${done.id}/actions/undo`);
  const now = () => (clock += 1000);
  await Promise.all([workAudience(web.db, now), workAudience(web.db, now)]);
  await expect
    .poll(async () => (await web.get(`/api/v1/imports/${done.id}`, importStatusSchema)).undo)
    .toMatchObject({ state: "completed", restored: 12_000, removed: 1, kept: 0 });
  expect(await state()).toEqual(before);
});

test("it waits while a delivery is analysed, and its list stays while a delivery goes to it", async () => {
  const done = await bring("email\na@x.example\n");
  const delivery = await web.call("POST", "/api/v1/deliveries", {
    label: "To them",
    content: { subject: "s", html: "<p>x</p>" },
    sender: { name: "n", address: "a@sender.example" },
    audience: { import: done.id },
  });
  expect(delivery.status).toBe(201);
  await web.db.query("update deliveries set state = 'analysing'");
  expect(await undo(done.id)).toMatchObject({ state: "running", removed: 0 });
  await web.db.query("update deliveries set state = 'editing'");
  await workAudience(web.db, () => clock);
  expect((await web.get(`/api/v1/imports/${done.id}`, importStatusSchema)).undo).toMatchObject({
    state: "completed",
    removed: 1,
  });
  expect(await web.db.query("select count(*) from lists")).toEqual([{ count: 1 }]);
});

test("an erased person is not brought back", async () => {
  await bring("email,name\na@x.example,Ann\n");
  const done = await bring("email,name\na@x.example,Anna\n");
  await denylist(web.db, { address: "a@x.example", reason: "unsubscribed", at: (clock += 1000) });
  const [row] = await web.db.query<{ id: number }>("select id from recipients");
  expect((await web.call("POST", `/api/v1/recipients/${row?.id}/actions/erase`)).status).toBe(200);
  expect(await web.db.query("select count(*) from import_changes")).toEqual([{ count: 0 }]);
  expect(await undo(done.id)).toMatchObject({ restored: 0 });
  expect(await web.db.query("select attributes from recipients")).toEqual([{ attributes: {} }]);
});

test("a dry run, a failed import and one whose time is over cannot be undone", async () => {
  const dry = await bring("email\na@x.example\n", { dryRun: true });
  expect(dry.undo.until).toBeNull();
  expect(await refusal(dry.id)).toEqual([409, "import-not-undoable"]);
  await bring("name\n").catch(() => {});
  const [failed] = await web.db.query<{ id: number }>("select id from imports where status = 'failed'");
  expect(await refusal(String(failed?.id))).toEqual([409, "import-not-undoable"]);
  await bring("email,n\na@x.example,1\n");
  const done = await bring("email,n\na@x.example,2\n");
  await forgetImports(web.db, clock + 29 * DAY);
  expect(await web.db.query("select count(*) from import_changes")).toEqual([{ count: 1 }]);
  await forgetImports(web.db, clock + 31 * DAY);
  expect(await web.db.query("select count(*) from import_changes")).toEqual([{ count: 0 }]);
  expect(await refusal(done.id)).toEqual([409, "import-not-undoable"]);
  expect(await refusal("424242")).toEqual([404, "not-found"]);
});
