/** What an import is told: mapping, types, modes, blanks, dry run, JSON lines. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { importOptionsSchema, type ImportOptionsGiven } from "../../contract/audience-imports.ts";
import type { ImportStatus } from "../../contract/index.ts";
import { importStatusSchema } from "../../contract/responses.ts";
import { importFile, listImportErrors } from "./index.ts";

const NOW = Date.UTC(2030, 0, 2);

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());
beforeEach(() =>
  web.db.query("truncate recipients, attributes, lists, list_members, imports, import_errors, import_changes"),
);

async function* pieces(content: string | Uint8Array, size = 7) {
  const bytes = Buffer.from(content);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

const bring = (content: string | Uint8Array, options: ImportOptionsGiven = {}, fileName = "people.csv") =>
  importFile(
    web.db,
    { fileName, stream: pieces(content) },
    { now: () => NOW, rules: importOptionsSchema.parse(options) },
  );

async function people() {
  const rows = await web.db.query<{ address: string; attributes: object }>(
    "select address, attributes from recipients order by match_key",
  );
  return Object.fromEntries(rows.map(({ address, attributes }) => [address, attributes]));
}

async function errorsOf({ id }: ImportStatus) {
  const { data } = await listImportErrors(web.db, Number(id), { after: null, limit: 100 });
  return data.map(({ line, column, value, reason, detail }) => [line, column, value, reason, detail]);
}

async function declare(...attributes: object[]) {
  for (const each of attributes) expect((await web.call("POST", "/api/v1/attributes", each)).status).toBe(201);
}

describe("mapping", () => {
  const file = "Kontakt;Vorname;Ort;intern\na@x.example;Ann;Ulm;1\n";

  test("columns get other names, are left out, or keep theirs", async () => {
    await bring(file, { address: "Kontakt", mapping: { Vorname: "first_name", intern: null } });
    expect(await people()).toEqual({ "a@x.example": { first_name: "Ann", Ort: "Ulm" } });
    await web.db.query("truncate recipients");
    const done = await bring(file, {
      address: "Kontakt",
      mapping: { Vorname: "first_name" },
      unmapped: "ignore",
      label: "Mine",
    });
    expect(await people()).toEqual({ "a@x.example": { first_name: "Ann" } });
    const [row] = await web.db.query(
      "select l.label, i.columns from imports i join lists l on l.id = i.list_id where i.id = $1",
      [done.id],
    );
    expect(row).toEqual({ label: "Mine", columns: ["Kontakt", "first_name"] });
  });

  test.each<[string, ImportOptionsGiven, string]>([
    ["a column that is not there", { address: "Kontakt", mapping: { Nachname: "x" } }, "csv-column-unknown"],
    ["an address column that is not there", { address: "Mail" }, "csv-column-unknown"],
    ["two columns for one attribute", { address: "Kontakt", mapping: { Vorname: "Ort" } }, "csv-column-duplicate"],
  ])("%s ends the import", async (_what, options, code) => {
    await expect(bring(file, options)).rejects.toMatchObject({ code, exit: 2 });
    expect(await people()).toEqual({});
  });
});

describe("types", () => {
  test("values are read by what is declared; a row that does not fit is named and costs no other", async () => {
    await declare(
      { name: "age", type: "number" },
      { name: "born", type: "date" },
      { name: "vip", type: "boolean" },
      { name: "plan", type: "enum", values: ["Free", "Gold"] },
      { name: "code", type: "text", indexed: true },
    );
    const done = await bring(
      [
        "email,age,born,vip,plan,code,other",
        'a@x.example,"1,5",31.12.1990,ja,GOLD,007,5',
        "b@x.example,many,,,,,",
        "c@x.example,,03/04/1990,,,,",
        "d@x.example,,,,silver,,",
        `e@x.example,,,,,${"x".repeat(501)},`,
        "f@x.example,,,,,,",
      ].join("\n"),
    );
    expect(done.counts).toEqual({ total: 6, created: 2, updated: 0, skipped: 0, failed: 4 });
    expect(await people()).toEqual({
      "a@x.example": { age: 1.5, born: "1990-12-31", vip: true, plan: "Gold", code: "007", other: "5" },
      "f@x.example": { code: "", other: "" },
    });
    expect(await errorsOf(done)).toEqual([
      [3, "age", "many", "invalid-value", "the value is no number"],
      [4, "born", "03/04/1990", "invalid-value", expect.stringContaining("1990-04-03 or 1990-03-04")],
      [5, "plan", "silver", "invalid-value", "the value is none of Free, Gold"],
      [6, "code", `${"x".repeat(200)}…`, "invalid-value", expect.stringContaining("500")],
    ]);
    const file = await web.call("GET", `${done.errorsUrl}.csv`);
    expect(file.text.split("\r\n").slice(0, 2)).toEqual([
      "line,column,value,reason,detail",
      "3,age,many,invalid-value,the value is no number",
    ]);
  });

  test("the file says what its dates and commas mean", async () => {
    await declare({ name: "age", type: "number" }, { name: "born", type: "date" });
    await bring('email,age,born\na@x.example,"1,234",03/04/1990\n', { decimal: "comma", dates: "mdy" });
    expect(await people()).toEqual({ "a@x.example": { age: 1.234, born: "1990-03-04" } });
  });

  test("one that changes while a file is read ends the import, and nothing of it is kept", async () => {
    async function* slow() {
      yield Buffer.from("email,age\na@x.example,1\n");
      await declare({ name: "age", type: "number" });
      yield Buffer.from("b@x.example,2\n");
    }
    const failed = importFile(web.db, { fileName: "people.csv", stream: slow() }, { now: () => NOW });
    await expect(failed).rejects.toMatchObject({ code: "import-interrupted" });
    expect(await people()).toEqual({});
  });
});

describe("modes and blanks", () => {
  const before = "email,name,city\na@x.example,Ann,Ulm\nb@x.example,Bob,Bonn\n";
  const file = "email,name,city\nA@x.example,Anna,\nc@x.example,Cyd,Kiel\n";

  test.each<[ImportOptionsGiven, object, object, string[]]>([
    [
      { mode: "create" },
      { "a@x.example": { name: "Ann", city: "Ulm" }, "c@x.example": { name: "Cyd", city: "Kiel" } },
      { created: 1, updated: 0, skipped: 1 },
      ["already-there"],
    ],
    [
      { mode: "update" },
      { "A@x.example": { name: "Anna", city: "" } },
      { created: 0, updated: 1, skipped: 1 },
      ["not-there"],
    ],
    [
      { mode: "upsert", onBlank: "keep" },
      { "A@x.example": { name: "Anna", city: "Ulm" }, "c@x.example": { name: "Cyd", city: "Kiel" } },
      { created: 1, updated: 1, skipped: 0 },
      [],
    ],
  ])("%j, and its dry run says the same", async (options, after, counts, reasons) => {
    await bring(before);
    const snapshot = await web.db.query("select * from recipients order by id");
    const dry = await bring(file, { ...options, dryRun: true });
    expect(dry).toMatchObject({
      status: "completed",
      dryRun: true,
      listId: null,
      counts: { total: 2, failed: 0, ...counts },
    });
    expect(await web.db.query("select * from recipients order by id")).toEqual(snapshot);
    expect(await web.db.query("select count(*) from lists")).toEqual([{ count: 1 }]);
    const done = await bring(file, options);
    expect(done.counts).toEqual(dry.counts);
    expect(await people()).toEqual({ "b@x.example": { name: "Bob", city: "Bonn" }, ...after });
    const told = [await errorsOf(dry), await errorsOf(done)].map((rows) => rows.map(([, , , reason]) => reason));
    expect(told).toEqual([reasons, reasons]);
    const [members] = await web.db.query("select count(*) from list_members where list_id = $1", [done.listId]);
    expect(members).toEqual({ count: done.counts.created + done.counts.updated });
  });

  test("a blank of a type erases the value, or keeps it", async () => {
    await declare({ name: "age", type: "number" });
    await bring("email,age\na@x.example,5\n");
    await bring("email,age\na@x.example, \n", { onBlank: "keep" });
    expect(await people()).toEqual({ "a@x.example": { age: 5 } });
    await bring("email,age\na@x.example,\n");
    expect(await people()).toEqual({ "a@x.example": {} });
  });
});

describe("JSON lines", () => {
  test("one object a line; what is none is named; null erases", async () => {
    await declare({ name: "age", type: "number" });
    await bring('{"email":"a@x.example","city":"Ulm","age":"7"}\n', {}, "people.jsonl");
    const done = await bring(
      [
        '{"EMAIL":"a@x.example","city":null,"vip":true,"n":1.5,"__proto__":"p"}',
        "",
        "[1]",
        '{"email":"b@x.example"',
        '{"email":"c@x.example","age":"old"}',
        '{"email":"d@x.example","nested":{"a":1}}',
        '{"name":"nobody"}',
        '{"email":5}',
        '{"email":"e@x.example","x":"\\ud800"}',
        '{"email":"f@x.example","\\u0000":"x"}',
        '{"email":"g@x.example","tab":"a\\tb\\\\n\\n"}\r',
      ].join("\n"),
      { format: "jsonl" },
    );
    expect(done.counts).toEqual({ total: 10, created: 1, updated: 1, skipped: 0, failed: 8 });
    expect(await errorsOf(done)).toEqual([
      [3, "", "[1]", "malformed-row", "the line is no JSON object"],
      [4, "", '{"email":"b@x.example"', "malformed-row", "the line is no JSON"],
      [5, "age", '"old"', "invalid-value", "the value is no number"],
      [6, "nested", '{"a":1}', "invalid-value", expect.stringContaining("neither text")],
      [7, "email", "", "address-not-specified", "no address is given"],
      [8, "email", "", "address-not-specified", "no address is given"],
      [9, "x", expect.any(String), "invalid-value", expect.stringContaining("half a character")],
      [10, expect.any(String), '"x"', "invalid-value", expect.stringContaining("name")],
    ]);
    const all = await people();
    expect(JSON.stringify(all["a@x.example"])).toBe('{"n":1.5,"age":7,"vip":true,"__proto__":"p"}');
    expect(all["g@x.example"]).toEqual({ tab: "a\tb\\n\n" });
  });

  test("a line without end is refused before it fills the memory", async () => {
    let given = 0;
    async function* endless() {
      for (; given < 1600; given++) yield Buffer.alloc(1 << 16, "x");
    }
    const failed = importFile(web.db, { fileName: "long.jsonl", stream: endless() }, { now: () => NOW });
    await expect(failed).rejects.toMatchObject({ code: "csv-malformed" });
    expect(given).toBeLessThan(300);
    await expect(bring(Buffer.from("89504e470d0a1a0a0000", "hex"), {}, "x.jsonl")).rejects.toMatchObject({
      code: "csv-binary",
    });
  });
});

describe("through the API", () => {
  const send = (parts: [string, string][]) => {
    const body = parts.map(
      ([name, text]) =>
        `--b\r\ncontent-disposition: form-data; name="${name}"${name === "file" ? '; filename="p.csv"' : ""}\r\n\r\n${text}\r\n`,
    );
    return web.call("POST", "/api/v1/imports", `${body.join("")}--b--\r\n`, {
      "content-type": "multipart/form-data; boundary=b",
    });
  };

  test.each([
    ["before the file", false],
    ["behind it", true],
  ])("the field options, %s", async (_where, last) => {
    const parts: [string, string][] = [
      ["options", '{"dryRun":true,"mode":"create"}'],
      ["file", "email\na@x.example\n"],
    ];
    const { status, body } = await send(last ? parts.toReversed() : parts);
    expect(status).toBe(202);
    const { id } = importStatusSchema.parse(body);
    await expect
      .poll(async () => (await web.call("GET", `/api/v1/imports/${id}`)).body)
      .toMatchObject({ status: "completed", mode: "create", dryRun: true, counts: { created: 1 } });
    expect(await people()).toEqual({});
  });

  test.each(["{", '{"mode":"replace"}', '{"what":1}', "[]"])("options %s are refused", async (options) => {
    const { status, body } = await send([
      ["options", options],
      ["file", "email\na@x.example\n"],
    ]);
    expect([status, body]).toEqual([422, expect.objectContaining({ errors: [expect.anything()] })]);
  });
});
