/** Notices in the shapes that programs and providers are known to write, with made-up people: whom they name and what is quoted. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InboundMail } from "../reading.ts";
import { readNotice } from "./index.ts";

type Fixture = {
  readonly name: string;
  readonly format: string;
  readonly kind: string;
  readonly expected: readonly string[];
  readonly mail: InboundMail;
};

const DIRECTORY = new URL("./fixtures/", import.meta.url);
const NO_NOTICE = "no-notice.txt";

/** `#### name | format kind`, `@ address code enhanced mx | part of the text`, header, blank line, body. */
function readFixtures(files: readonly string[]): Fixture[] {
  return files
    .flatMap((file) =>
      readFileSync(new URL(file, DIRECTORY), "utf8")
        .split(/^#### /m)
        .slice(1),
    )
    .map((block) => {
      const lines = block.trimEnd().split("\n");
      const [name = "", told = ""] = (lines.shift() ?? "").split(" | ");
      const expected = lines.filter((line) => line.startsWith("@ ")).map((line) => line.slice(2));
      const [format = "", kind = ""] = told.split(" ");
      return { name, format, kind, expected, mail: readMail(lines.slice(expected.length)) };
    });
}

function readMail(lines: readonly string[]): InboundMail {
  const blank = lines.indexOf("");
  const headers = lines.slice(0, blank < 0 ? lines.length : blank).map((line) => {
    const colon = line.indexOf(":");
    return { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
  });
  const given = headers.find(({ name }) => name === "content-type")?.value ?? "text/plain";
  const type = given.startsWith("text/") ? given : "text/plain";
  return { headers, parts: [{ type, text: blank < 0 ? "" : lines.slice(blank + 1).join("\n") }] };
}

const NOTICES = readFixtures(readdirSync(DIRECTORY).filter((file) => file.endsWith(".txt") && file !== NO_NOTICE));
const OTHERS = readFixtures([NO_NOTICE]);

function factsOf(mail: InboundMail): string[] {
  const reports = readNotice(mail)?.reports ?? [];
  return reports.map(({ address, answer }) => `${address} ${answer.code} ${answer.enhanced} ${answer.mx}`);
}

function textOf(mail: InboundMail): string {
  return mail.parts.map(({ text }) => text).join("\n");
}

describe("notices", () => {
  it("are many", () => {
    expect(NOTICES.length).toBeGreaterThan(150);
    expect(OTHERS.length).toBeGreaterThanOrEqual(30);
  });

  it.each(NOTICES.map((fixture) => [fixture.name, fixture] as const))("%s", (_, { format, kind, expected, mail }) => {
    const notice = readNotice(mail);
    expect(notice).toMatchObject({ format, kind });
    expect(factsOf(mail)).toEqual(expected.map((line) => line.split(" | ")[0]));
    for (const [i, line] of expected.entries()) {
      const text = line.split(" | ")[1] ?? "null";
      if (text !== "null") expect(notice?.reports[i]?.answer.text).toContain(text);
    }
  });

  const inWords = NOTICES.filter(({ format }) => format !== "amazon-sns");
  it.each(inWords.map((fixture) => [fixture.name, fixture] as const))(
    "%s: with CRLF and an attachment",
    (_, { mail, expected: [first = ""] }) => {
      const [to] = first.split(" ");
      const parts = mail.parts.map(({ type, text }) => ({ type, text: text.replaceAll("\n", "\r\n") }));
      const attached = {
        type: "message/rfc822",
        text: `Message-ID: <q@one.example>\nFrom: news@one.example\nTo: ${to}\n\nbody`,
      };
      const same = { ...mail, parts: [...parts, attached] };
      expect(factsOf(same)).toEqual(factsOf(mail));
      expect(readNotice(same)?.returned).toContain("<q@one.example>");
    },
  );
});

describe("no notice", () => {
  it.each(OTHERS.map((fixture) => [fixture.name, fixture] as const))("%s", (_, { mail }) => {
    expect(readNotice(mail)).toBeNull();
  });

  it.each(NOTICES.map((fixture) => [fixture.name, fixture] as const))(
    "a person's answer that quotes %s",
    (_, { mail }) => {
      const subject = mail.headers.find(({ name }) => name === "subject")?.value ?? "";
      const quoted = textOf(mail).replace(/^/gm, "> ");
      const headers = [
        { name: "from", value: "Ada <ada@one.example>" },
        { name: "subject", value: `Re: ${subject}` },
        { name: "in-reply-to", value: "<x@two.example>" },
      ];
      expect(readNotice({ headers, parts: [{ type: "text/plain", text: `What is this?\n\n${quoted}` }] })).toBeNull();
    },
  );

  it.each(NOTICES.map((fixture) => [fixture.name, fixture] as const))("a list's mail with %s in it", (_, { mail }) => {
    const headers = [
      ...mail.headers.filter(({ name }) => !/^x-(?:failed-recipients|mailman-version|mlserver)$/.test(name)),
      { name: "list-id", value: "<crew.one.example>" },
    ];
    const json = textOf(mail).startsWith("{");
    expect(json || readNotice({ ...mail, headers }) === null).toBe(true);
  });
});

describe("any mail", () => {
  const pieces = NOTICES.flatMap(({ mail }) => textOf(mail).split("\n"));
  const headers = fc.constantFrom(...NOTICES.map(({ mail }) => mail.headers));

  it("names only who stands in it, each once", () => {
    fc.assert(
      fc.property(headers, fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (given, lines) => {
        const mail = { headers: given, parts: [{ type: "text/plain", text: lines.join("\n") }] };
        const named = (readNotice(mail)?.reports ?? []).map(({ address }) => address ?? "");
        const everything = `${given.map(({ value }) => value).join("\n")}\n${lines.join("\n")}`;
        for (const address of named) expect(everything).toContain(address);
        expect(new Set(named.map((address) => address.toLowerCase())).size).toBe(named.length);
      }),
      { numRuns: 300 },
    );
  });

  it("can be cut anywhere", () => {
    fc.assert(
      fc.property(fc.constantFrom(...NOTICES), fc.nat(2000), fc.nat(2000), ({ mail }, from, length) => {
        const text = textOf(mail).slice(from, from + length);
        const notice = readNotice({ ...mail, parts: [{ type: "text/plain", text }] });
        for (const { answer } of notice?.reports ?? []) expect(answer.text).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 300 },
    );
  });
});
