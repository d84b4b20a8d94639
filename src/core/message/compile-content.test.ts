import { describe, expect, it } from "vitest";

import { compileContent, type ContentSource, estimateSize } from "./compile-content.ts";

const base: ContentSource = {
  subject: "Hello",
  html: "<p>Hello</p>",
  sender: { name: "Shop", address: "news@example.com" },
  headers: [],
};

function errorsOf(change: Partial<ContentSource>) {
  const result = compileContent({ ...base, ...change });
  return result.kind === "errors" ? result.errors.map((e) => `${e.part} ${e.line}:${e.column} ${e.code}`) : [];
}

function header(name: string, value: string) {
  return { headers: [{ name, value }] };
}

describe("compileContent", () => {
  it.each([
    [{}, []],
    [{ html: undefined, text: "Hello" }, []],
    [{ html: " ", text: "" }, ["content 1:1 no-body"]],
    [{ html: "<p>\n{{ foo }}" }, ["html 2:4 template"]],
    [
      { html: "{{ foo }}", subject: "{{ bar }}", text: "{% if %}" },
      ["html 1:4 template", "text 1:6 template", "subject 1:4 template"],
    ],
    [{ sender: { name: "", address: " " } }, ["from 1:1 from-missing"]],
    [{ sender: { name: "", address: "nobody" } }, ["from 1:1 address-invalid"]],
    [{ sender: { name: "", address: "a@b.example\r\nBcc: c@d.example" } }, ["from 1:1 address-invalid"]],
    [{ sender: { name: "", address: "{{ recipient.agent }}" } }, []],
    [{ sender: { name: "{{ x }}", address: "a@b.example" } }, ["from 1:4 template"]],
    [{ replyTo: "nobody@" }, ["replyTo 1:1 address-invalid"]],
    [{ replyTo: "{{ recipient.agent }}" }, []],
    [header("X-Campaign", "{{ delivery.id }}"), []],
    [header("X-Campaign", "{{ nope }}"), ["header:X-Campaign 1:4 template"]],
    [header("X Campaign", "1"), ["header:X Campaign 1:1 header-name-invalid"]],
    [header("X-Campaign:", "1"), ["header:X-Campaign: 1:1 header-name-invalid"]],
    [header("X-Ä", "1"), ["header:X-Ä 1:1 header-name-invalid"]],
    [header("", "1"), ["header: 1:1 header-name-invalid"]],
    [header("X-A", "1\r\nBcc: x@y.example"), ["header:X-A 1:1 header-line-break"]],
    [header("X-A", " "), ["header:X-A 1:1 header-empty"]],
    [
      {
        headers: [
          { name: "X-A", value: "1" },
          { name: "x-a", value: "2" },
        ],
      },
      ["header:x-a 1:1 header-duplicate"],
    ],
  ] satisfies [Partial<ContentSource>, string[]][])("%j: %j", (change, expected) => {
    expect(errorsOf(change)).toEqual(expected);
  });

  it.each(
    "From To Subject Date Message-ID Reply-To MIME-Version Content-Type content-language DKIM-Signature Return-Path Received Sender Bcc Cc".split(
      " ",
    ),
  )("does not let the operator set %s", (name) => {
    expect(errorsOf(header(name, "x"))).toEqual([`header:${name} 1:1 header-reserved`]);
  });

  it("names the parts that use an attribute", () => {
    const result = compileContent({
      ...base,
      subject: "{{ recipient.a }}",
      html: "\n{{ recipient.b }}",
      text: "{{ recipient.b }}",
      ...header("X-A", "{{ recipient.c }}"),
    });
    const found =
      result.kind === "compiled" ? result.content.attributes.map((a) => `${a.part} ${a.name} ${a.line}`) : [];
    expect(found).toEqual(["html b 2", "text b 1", "subject a 1", "header:X-A c 1"]);
  });
});

describe("estimateSize", () => {
  it("counts the static text as it is encoded, of an if the longest branch", () => {
    const size = (html: string) => {
      const result = compileContent({ ...base, html });
      return result.kind === "compiled" ? estimateSize(result.content) : 0;
    };
    const small = size("<p></p>");
    expect(small).toBeGreaterThan(200);
    expect(size(`<p>${"x".repeat(50_000)}</p>`) - small).toBeGreaterThan(50_000);
    expect(size(`{% if recipient.a %}${"x".repeat(9000)}{% else %}y{% endif %}<p></p>`) - small).toBeGreaterThan(9000);
    expect(size(`{% if recipient.a %}${"x".repeat(9000)}{% else %}y{% endif %}<p></p>`) - small).toBeLessThan(9500);
  });
});
