/** Imports against a real PostgreSQL: what becomes visible, what is reported, what importing again changes. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import type { Db } from "../../platform/db.ts";
import {
  countRecipients,
  denylist,
  getImport,
  importFile,
  listImportErrors,
  listRecipients,
  type ImportSource,
} from "./index.ts";

const NOW = Date.UTC(2030, 0, 2);
const now = () => NOW;

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());
beforeEach(() => db.query("truncate recipients, lists, list_members, imports, import_errors, quarantine"));

function upload(content: string | Uint8Array, pieceSize = 1 << 16): ImportSource {
  const bytes = Buffer.from(content);
  async function* pieces() {
    for (let i = 0; i < bytes.length; i += pieceSize) yield bytes.subarray(i, i + pieceSize);
  }
  return { fileName: "people.csv", stream: pieces() };
}

const bring = (content: string | Uint8Array) => importFile(db, upload(content), { now });
const all = { after: null, limit: 1000 };

async function recipients() {
  const rows = await db.query<{ address: string; match_key: string; attributes: unknown }>(
    "select address, match_key, attributes from recipients order by match_key",
  );
  return rows.map((row) => [row.address, row.attributes]);
}

async function errorsOf(importId: string) {
  const { data } = await listImportErrors(db, Number(importId), all);
  return data.map((error) => [error.line, error.column, error.value, error.reason]);
}

describe("a good file", () => {
  test("becomes recipients with attributes, and a list of its own", async () => {
    const done = await bring("Email,first_name,City\nAnn@X.Example,Ann,Paris\nbob@x.example,Bob,\n");
    expect(done).toMatchObject({
      status: "completed",
      fileName: "people.csv",
      counts: { total: 2, created: 2, updated: 0, skipped: 0, failed: 0 },
      error: null,
      errorsUrl: `/api/v1/imports/${done.id}/errors`,
    });
    expect(await recipients()).toEqual([
      ["Ann@X.Example", { first_name: "Ann", City: "Paris" }],
      ["bob@x.example", { first_name: "Bob", City: "" }],
    ]);
    await bring("email\nother@x.example\n");
    const members = await db.query(
      "select address from list_members m join recipients r on r.id = m.recipient_id where list_id = $1 order by 1",
      [done.listId],
    );
    expect(members).toEqual([{ address: "Ann@X.Example" }, { address: "bob@x.example" }]);
    expect(await getImport(db, Number(done.id))).toEqual(done);
  });

  const text = "E-Mail;Name\r\nzoë@x.example;Zoë “Müller”\r\n";
  const utf16 = (bigEndian: boolean) => {
    const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
    return bigEndian ? bytes.swap16() : bytes;
  };
  const cp1252 = Buffer.from(text.replace("“", "\x93").replace("”", "\x94"), "latin1");
  test.each<[string, Uint8Array]>([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with BOM", Buffer.from(`\ufeff${text}`)],
    ["UTF-16LE", utf16(false)],
    ["UTF-16BE", utf16(true)],
    ["UTF-16LE without BOM", utf16(false).subarray(2)],
    ["Windows-1252", cp1252],
    ["CR line ends", Buffer.from(text.replaceAll("\r\n", "\r"))],
    ["tabs", Buffer.from(text.replaceAll(";", "\t"))],
    ["bars", Buffer.from(text.replaceAll(";", "|"))],
    ["Excel's hint", Buffer.from(`sep=;\r\n${text}`)],
  ])("%s, in pieces of any size", async (_, bytes) => {
    for (const size of [1, 7, 1 << 16]) {
      await importFile(db, upload(bytes, size), { now });
      expect(await recipients()).toEqual([["zoë@x.example", { Name: "Zoë “Müller”" }]]);
    }
  });

  test("lines in UTF-8 and in Windows-1252 in one file, the odd one far from the beginning", async () => {
    const plain = Array.from({ length: 20_000 }, (_, i) => `a${i}@x.example,Ann\n`).join("");
    const lines = [`email,name\n${plain}b@x.example,`, "Zo\xeb", "\nc@x.example,", "Zo\xc3\xab", "\n"];
    await bring(Buffer.from(lines.join(""), "latin1"));
    const names = await db.query(
      "select attributes ->> 'name' as name from recipients where address ~ '^[bc]' order by address",
    );
    expect(names).toEqual([{ name: "Zoë" }, { name: "Zoë" }]);
  });

  test("blanks around addresses, international domains and local parts", async () => {
    await bring("email\n\u00a0 ann@x.example\u200b\n info@bücher.example\t\n用户@x.example\n");
    const rows = await db.query('select address, match_key, domain from recipients order by match_key collate "C"');
    expect(rows).toEqual([
      { address: "ann@x.example", match_key: "ann@x.example", domain: "x.example" },
      { address: "info@bücher.example", match_key: "info@xn--bcher-kva.example", domain: "xn--bcher-kva.example" },
      { address: "用户@x.example", match_key: "用户@x.example", domain: "x.example" },
    ]);
  });

  test.each(["email;name\n", "name;email", "\ufeffEMAIL\t"])(
    "with a header and no rows is complete and empty: %j",
    async (text) => {
      expect(await bring(text)).toMatchObject({ status: "completed", counts: { total: 0 }, error: null });
    },
  );

  test("tells how far it is", async () => {
    const phases: string[] = [];
    await importFile(db, upload("email\na@x.example\nb@x.example\n"), {
      now,
      onProgress: ({ phase, rows }) => phases.push(`${phase} ${rows}`),
    });
    expect(phases.at(-2)).toBe("reading 2");
    expect(phases.at(-1)).toBe("merging 2");
  });
});

describe("rows that are no recipients", () => {
  test("are reported with line, column, value and reason, and cost no other row", async () => {
    const done = await bring(
      [
        "email,name,city",
        "a@x.example,Ann,Paris",
        ",Bob,Rome",
        "c@x..example,Cyd,Oslo",
        'd@x.example,"Dan,Riga',
        "e@x.example,Eve,Bern,surplus",
        "f@x.example",
        "g@x.example,Gus,Graz,",
        '"h@x.example\nBcc: i@x.example",Hal,Kiel',
        "j@x.example,J\0im,Jena",
        "A@X.example,Again,Nice",
      ].join("\n"),
    );
    expect(done.counts).toEqual({ total: 10, created: 3, updated: 0, skipped: 1, failed: 6 });
    expect(await errorsOf(done.id)).toEqual([
      [3, "email", "", "address-not-specified"],
      [4, "email", "c@x..example", "invalid-address"],
      [5, "name", 'd@x.example,"Dan,Riga', "malformed-row"],
      [6, "column 4", "surplus", "malformed-row"],
      [9, "email", "h@x.example\nBcc: i@x.example", "invalid-address"],
      [11, "name", "J␀im", "malformed-row"],
      [12, "email", "A@X.example", "duplicate"],
    ]);
    const { data } = await listImportErrors(db, Number(done.id), all);
    expect(data[1]?.detail).toBe("the address has a dot too many in the domain (character 5)");
    expect(data[6]?.detail).toBe("the same address as in line 2");
    expect(await recipients()).toEqual([
      ["a@x.example", { name: "Ann", city: "Paris" }],
      ["f@x.example", {}],
      ["g@x.example", { name: "Gus", city: "Graz" }],
    ]);
  });

  test("are listed page by page", async () => {
    const done = await bring("email\nx\ny\nz\n");
    const first = await listImportErrors(db, Number(done.id), { after: null, limit: 2 });
    expect(first.data.map((error) => error.line)).toEqual([2, 3]);
    const second = await listImportErrors(db, Number(done.id), { after: Number(first.nextCursor), limit: 2 });
    expect(second).toMatchObject({ data: [{ line: 4 }], nextCursor: null });
  });

  test("of duplicates the first in the file is kept, whatever its case", async () => {
    await bring("email,n\nB@x.example,1\na@x.example,2\nb@X.example,3\nb@x.example,4\n");
    expect(await recipients()).toEqual([
      ["a@x.example", { n: "2" }],
      ["B@x.example", { n: "1" }],
    ]);
  });
});

describe("hostile values", () => {
  const values = {
    "line ends": "a\r\nBcc: x@y.example\n\n.",
    template: "{{ recipient.email }}{% raw %}",
    html: `<script>alert("x")</script>&amp;`,
    copy: "\\N\t\\.\n\\x41\\",
    json: '","denylisted":"',
    sql: "'); drop table recipients; --",
    unicode: "\u2028\u{1f600}\ufffd\u0001\u007f",
    megabyte: "x".repeat(1_000_000),
    __proto__x: "y",
  };
  test("are stored as they are", async () => {
    const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
    const header = ["email", ...Object.keys(values), '"quoted\\name"', "__proto__"].map(quote).join(",");
    await bring(`${header}\n"a@x.example",${Object.values(values).map(quote).join(",")},q,p\n`);
    const [row] = await db.query<{ attributes: string }>("select attributes::text from recipients");
    expect(JSON.parse(row?.attributes ?? "")).toEqual(
      Object.fromEntries([...Object.entries(values), ['"quoted\\name"', "q"], ["__proto__", "p"]]),
    );
  });
});

describe("importing again", () => {
  test("updates profiles: columns of the file overwrite, others stay", async () => {
    await bring("email,name,city\na@x.example,Ann,Paris\n");
    const again = await bring("email,name,plan\nA@x.example,Anna,gold\nb@x.example,Bob,free\n");
    expect(again.counts).toEqual({ total: 2, created: 1, updated: 1, skipped: 0, failed: 0 });
    expect(await recipients()).toEqual([
      ["A@x.example", { name: "Anna", city: "Paris", plan: "gold" }],
      ["b@x.example", { name: "Bob", plan: "free" }],
    ]);
  });

  test("never revives who is denylisted or quarantined", async () => {
    await bring("email,name\na@x.example,Ann\nb@x.example,Bob\n");
    await denylist(db, { address: "A@x.example", reason: "unsubscribed", at: NOW });
    await denylist(db, { address: "new@x.example", reason: "complained", at: NOW });
    await denylist(db, { address: "new@x.example", reason: "later", at: NOW + 1 });
    await db.query(
      `insert into quarantine (match_key, address, status, reason, errors, updated_at)
       values ('b@x.example', 'b@x.example', 'quarantined', 'user-unknown', 1, now())`,
    );
    await bring("email,name\na@x.example,Anna\nb@x.example,Bobby\nNEW@x.example,New\n");
    expect(
      await db.query("select match_key, denylist_reason, denylisted_at from recipients order by match_key"),
    ).toEqual([
      { match_key: "a@x.example", denylist_reason: "unsubscribed", denylisted_at: NOW },
      { match_key: "b@x.example", denylist_reason: null, denylisted_at: null },
      { match_key: "new@x.example", denylist_reason: "complained", denylisted_at: NOW },
    ]);
    expect(await db.query("select match_key, status, reason from quarantine")).toEqual([
      { match_key: "b@x.example", status: "quarantined", reason: "user-unknown" },
    ]);
    const { data } = await listRecipients(db, all);
    expect(data.map((one) => [one.address, one.attributes["name"], one.denylistedAt])).toEqual([
      ["a@x.example", "Anna", "2030-01-02T00:00:00.000Z"],
      ["b@x.example", "Bobby", null],
      ["NEW@x.example", "New", "2030-01-02T00:00:00.000Z"],
    ]);
  });

  test("two at once with the same people in opposite order", async () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `p${i}@x.example`);
    const both = await Promise.all([
      bring(`email\n${lines.join("\n")}`),
      bring(`email\n${lines.reverse().join("\n")}`),
    ]);
    expect(both.map((one) => one.status)).toEqual(["completed", "completed"]);
    expect(both.map((one) => one.counts.created).toSorted((a, b) => a - b)).toEqual([0, 2000]);
    expect(await countRecipients(db)).toBe(2000);
  });
});

describe("accounting", () => {
  test("every data row is created, updated, skipped or failed, and can be found", async () => {
    const cell = fc.constantFrom(
      "a@x.example",
      "A@x.example",
      "b@x.example",
      "",
      " ",
      "nonsense",
      '"c@x.example"',
      '"x',
      "d@é.example",
    );
    const row = fc.tuple(cell, fc.constantFrom("", ",", ",n", ",n,surplus", ',"n\nm"')).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (lines) => {
        const done = await bring(["email,name", ...lines].join("\n"));
        const { total, created, updated, skipped, failed } = done.counts;
        expect(total).toBe(created + updated + skipped + failed);
        const [found] = await db.query<{ members: number; errors: number; duplicates: number }>(
          `select (select count(*) from list_members where list_id = $1) as members,
             (select count(*) from import_errors where import_id = $2) as errors,
             (select count(*) from import_errors where import_id = $2 and reason = 'duplicate') as duplicates`,
          [done.listId, done.id],
        );
        expect(found).toEqual({ members: created + updated, errors: skipped + failed, duplicates: skipped });
      }),
      { numRuns: 40 },
    );
  });
});
