/** What the command line says to input that is wrong: exit code, the place, no stack, nothing sent; and hostile values that are no reason to fail. */
import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../database.ts";
import { csvOf, lastJson, makeTestDir, readLog, runEnvoi, type Env, type Summary, type TestDir } from "./envoi.ts";
import { SmtpSink } from "./smtp-sink.ts";

let dir: TestDir;
let database: TestDatabase;
let sink: SmtpSink;
let env: Env;

beforeAll(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  sink = new SmtpSink();
  await sink.listen();
  env = { DATABASE_URL: database.url, ENVOI_DATA_DIR: dir.path, ENVOI_SENDERS: "1", ENVOI_ROUTES: sink.route("*") };
  dir.file("good.csv", "email,first_name\nann@one.example,Ann\n");
  dir.file("good.html", "<p>Hello {{ recipient.first_name }}, unsubscribe</p>");
});

afterAll(async () => {
  await sink.close();
  await database.drop();
  dir.remove();
});

type Options = Readonly<Record<string, string | string[] | undefined>>;

/** `send` with everything in order, except what `changes` says; undefined leaves an option out. */
function sendArgs(changes: Options): string[] {
  const options: Options = {
    "--audience": `${dir.path}/good.csv`,
    "--html": `${dir.path}/good.html`,
    "--subject": "Hello",
    "--from": "news@sender.example",
    ...changes,
  };
  const given = Object.entries(options).flatMap(([name, values]) =>
    values === undefined ? [] : [values].flat().flatMap((value) => [name, value]),
  );
  return ["send", "--json", ...given];
}

type Case = {
  readonly what: string;
  readonly exit: 2 | 3;
  /** All of these are in the message. */
  readonly says: readonly (string | RegExp)[];
  readonly options: () => Options;
};

const csv = (content: string | Buffer) => () => ({ "--audience": dir.file("bad.csv", content) });
const html = (content: string | Buffer) => () => ({ "--html": dir.file("bad.html", content) });
const option = (name: string, value: string | undefined) => () => ({ [name]: value });

const CASES: readonly Case[] = [
  {
    what: "a CSV file that is not there",
    exit: 2,
    says: ["nowhere.csv"],
    options: option("--audience", "nowhere.csv"),
  },
  { what: "a folder for a CSV file", exit: 2, says: ["/tmp", "not a file"], options: option("--audience", "/tmp") },
  {
    what: "a picture for a CSV file",
    exit: 2,
    says: ["bad.csv", "PNG", "byte"],
    options: csv(Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "latin1")),
  },
  { what: "an empty CSV file", exit: 2, says: ["bad.csv is empty"], options: csv("") },
  {
    what: "a CSV file without an email column",
    exit: 2,
    says: ["bad.csv, line 1", "first_name, city"],
    options: csv("first_name,city\nAnn,Rome\n"),
  },
  {
    what: "a column name that is there twice",
    exit: 2,
    says: ["bad.csv, line 1, column 3", '"city"', "column 2"],
    options: csv("email,city,city\na@one.example,x,y\n"),
  },
  {
    what: "a quoted value that never ends, and nobody before it",
    exit: 3,
    says: [/bad\.csv:2: city .*malformed-row .*never closed/, "no recipient"],
    options: csv('email,city\nb@one.example,"y\nand so on\n'),
  },
  {
    what: "100 MB in one line",
    exit: 2,
    says: ["bad.csv, line 2"],
    options: () => {
      const file = dir.file("bad.csv", "email,city\na@one.example,");
      const million = Buffer.alloc(1_000_000, "x");
      for (let i = 0; i < 100; i++) appendFileSync(file, million);
      return { "--audience": file };
    },
  },
  {
    what: "nobody to send to",
    exit: 3,
    says: ["no recipient", "1 invalid-address"],
    options: csv("email,first_name\nnobody,Ann\n"),
  },
  { what: "a sender that is no address", exit: 2, says: ["--from", "news"], options: option("--from", "news") },
  { what: "no sender", exit: 2, says: ["--from"], options: option("--from", undefined) },
  { what: "no subject", exit: 2, says: ["--subject"], options: option("--subject", undefined) },
  { what: "no content", exit: 2, says: ["--html"], options: option("--html", undefined) },
  { what: "an option nobody knows", exit: 2, says: ["--colour"], options: option("--colour", "red") },
  { what: "a validity that is no duration", exit: 2, says: ["--validity"], options: option("--validity", "soon") },
  { what: "a route that is none", exit: 2, says: ["--route"], options: option("--route", "one.example") },
  {
    what: "a key file that is no key",
    exit: 2,
    says: ["--dkim"],
    options: () => ({ "--dkim": `a.example:s:${dir.path}/good.csv` }),
  },
  {
    what: "a source that is not ours",
    exit: 2,
    says: ["--source", "192.0.2.7"],
    options: option("--source", "192.0.2.7"),
  },
  {
    what: "a header with a second one in it",
    exit: 3,
    says: ["Header X-A"],
    options: option("--header", "X-A: b\r\nBcc: evil@x.example"),
  },
  {
    what: "a header that Envoi writes itself",
    exit: 3,
    says: ["Subject"],
    options: option("--header", "Subject: other"),
  },
  {
    what: "an HTML file that is not UTF-8",
    exit: 2,
    says: ["bad.html", "UTF-8"],
    options: html(Buffer.from("caf\xe9", "latin1")),
  },
  { what: "an HTML file with NUL", exit: 2, says: ["bad.html", "line 2"], options: html("<p>\na\0b</p>") },
  {
    what: "a template with a mistake",
    exit: 3,
    says: ["HTML part, line 2, column"],
    options: html("<p>Hello</p>\n<p>{% if recipient.first_name %}</p>"),
  },
  {
    what: "a variable nobody has",
    exit: 3,
    says: ["HTML part, line 2, column", "fist_name"],
    options: html("<p>Hello\n{{ recipient.fist_name }}</p>"),
  },
  {
    what: "a template that does not end",
    exit: 3,
    says: ["HTML part"],
    options: html("{% for i in (1..100000) %}{% for j in (1..100000) %}{% assign k = j %}{% endfor %}{% endfor %}"),
  },
  {
    what: "a template that grows without end",
    exit: 3,
    says: ["HTML part"],
    options: html("{% assign s = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}"),
  },
];

test.each(CASES)("$what: exit $exit, the place, nothing sent", async ({ exit, says, options }) => {
  const { code, stdout, stderr } = await runEnvoi(sendArgs(options()), env);
  for (const text of says) expect(stderr).toMatch(text);
  expect(code, stderr).toBe(exit);
  expect(stderr).not.toMatch(/\n\s+at |unexpected error|undefined|\[object/);
  expect(stdout).toBe("");
  expect(sink.connections).toHaveLength(0);
  expect(await database.db.query("select 1 from deliveries where state not in ('editing')")).toEqual([]);
});

describe("hostile values are harmless", () => {
  const VALUES = {
    "line-break@h.example": "Ann\r\nBcc: evil@x.example\r\n\r\nbody\r\n.\r\nMAIL FROM:<evil@x.example>",
    "bare-cr@h.example": "Ann\rBcc: evil@x.example",
    "template@h.example": "{{ recipient.email }}{% for i in (1..9) %}",
    "markup@h.example": `<script>alert("x")</script>&amp;'`,
    "dots@h.example": ".\n..\n.leading",
    "empty@h.example": "",
  } as const;

  test("line breaks, template marks, markup and 1 MB of text arrive as text and nothing else", async () => {
    const long = "long text ".repeat(100_000);
    const rows = [...Object.entries(VALUES), ["long@h.example", long] as const];
    const audience = dir.file("hostile.csv", csvOf(rows.map(([email, value]) => ({ email, value }))));
    const text = dir.file("hostile.txt", "Value: {{ recipient.value }}\nEnd, unsubscribe\n");
    const args = sendArgs({
      "--audience": audience,
      "--html": undefined,
      "--text": text,
      "--subject": "For {{ recipient.value | truncate: 80 }}",
      "--header": "X-Value: {{ recipient.value | truncate: 80 }}",
    });
    const ended = await runEnvoi(args, env);
    expect(lastJson<Summary>(ended), ended.stderr).toMatchObject({ sent: rows.length, failed: 0 });
    for (const [address, value] of rows) {
      const { source, mailFrom } = sink.taken.find((taken) => taken.address === address)!;
      expect(mailFrom).toBe("news@sender.example");
      const head = source.slice(0, source.indexOf("\r\n\r\n"));
      const names = head.split(/\r\n(?![ \t])/).map((line) => line.slice(0, line.indexOf(":")));
      expect(new Set(names).size).toBe(names.length);
      expect(names).not.toContain("Bcc");
      expect(source).not.toMatch(/(?<!\r)\n|\r(?!\n)|\0/);
      expect(Math.max(...source.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(998);
      expect(decodedBody(source)).toBe(`Value: ${value.replace(/\r\n?/g, "\n")}\nEnd, unsubscribe\n`);
    }
    expect(new Set(sink.timesTaken.keys())).toEqual(new Set(rows.map(([address]) => address)));
  });

  test("a value with NUL is rejected with line and column, and the others get their message", async () => {
    const audience = dir.file("nul.csv", 'email,value\nok@n.example,fine\nnul@n.example,"a\0b"\n');
    const ended = await runEnvoi(
      sendArgs({ "--audience": audience, "--html": dir.file("v.html", "<p>{{ recipient.value }} unsubscribe</p>") }),
      env,
    );
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/nul\.csv:3: value .*malformed-row/);
    const summary = lastJson<Summary>(ended);
    expect(summary).toMatchObject({ targeted: 2, toDeliver: 1, sent: 1 });
    expect((await readLog(summary.delivery, env)).map((line) => line.recipient)).toEqual(["ok@n.example"]);
    for (const { source } of sink.taken) expect(source).not.toContain("\0");
  });
});

function decodedBody(source: string): string {
  const encoded = source.slice(source.indexOf("\r\n\r\n") + 4).replaceAll("=\r\n", "");
  const bytes = encoded.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\r\n", "\n");
}
