/** Notices in the shapes that programs and providers are known to write, with made-up people: whom they name and what is quoted. */
import { readdirSync, readFileSync } from "node:fs";
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

/** `#### name | format kind`, `@ address code enhanced mx | part of the text`, header, blank line, body. */
function readFixtures(): Fixture[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(".txt") && file !== "no-notice.txt")
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
  const headers = lines.slice(0, blank).map((line) => {
    const colon = line.indexOf(":");
    return { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
  });
  const type = headers.find(({ name }) => name === "content-type")?.value ?? "text/plain";
  return { headers, parts: [{ type, text: lines.slice(blank + 1).join("\n") }] };
}

const FIXTURES = readFixtures();

describe("notices", () => {
  it("are many", () => {
    expect(FIXTURES.length).toBeGreaterThan(80);
  });

  it.each(FIXTURES.map((fixture) => [fixture.name, fixture] as const))("%s", (_, { format, kind, expected, mail }) => {
    const notice = readNotice(mail);
    expect(notice).toMatchObject({ format, kind });
    const facts = notice?.reports.map(
      ({ address, answer }) => `${address} ${answer.code} ${answer.enhanced} ${answer.mx}`,
    );
    expect(facts).toEqual(expected.map((line) => line.split(" | ")[0]));
    for (const [i, line] of expected.entries()) {
      const text = line.split(" | ")[1] ?? "null";
      if (text !== "null") expect(notice?.reports[i]?.answer.text).toContain(text);
    }
  });
});
