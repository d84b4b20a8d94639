import { describe, expect, it } from "vitest";

import { codec } from "../../adapters/charset/codec.ts";
import { compileContent, type ContentSource, estimateSize } from "./compile-content.ts";
import type { Attachment } from "./manifest.ts";

const base: ContentSource = {
  subject: "Hello",
  html: "<p>Hello</p>",
  fromName: "Shop",
  fromAddress: "news@example.com",
};

function errorsOf(change: Partial<ContentSource>) {
  const result = compileContent({ ...base, ...change });
  return result.kind === "errors" ? result.errors.map((e) => `${e.part} ${e.line}:${e.column} ${e.code}`) : [];
}

function header(name: string, value: string) {
  return { headers: [{ name, value }] };
}

function file(change: Partial<Attachment>) {
  const attachment = { fileId: 7, name: "a.pdf", contentType: "application/pdf", contentId: null, size: 3 };
  return { attachments: [{ ...attachment, ...change }] };
}

describe("compileContent", () => {
  it.each([
    [{}, []],
    [{ html: null, text: "Hello" }, []],
    [{ html: " ", text: "" }, ["content 1:1 no-body"]],
    [{ html: "<p>\n{{ foo }}" }, ["html 2:4 template"]],
    [
      { html: "{{ foo }}", subject: "{{ bar }}", text: "{% if %}" },
      ["html 1:4 template", "text 1:6 template", "subject 1:4 template"],
    ],
    [{ fromName: "", fromAddress: " " }, ["from 1:1 from-missing"]],
    [{ fromName: "", fromAddress: "nobody" }, ["from 1:1 address-invalid"]],
    [{ fromName: "", fromAddress: "a@b.example\r\nBcc: c@d.example" }, ["from 1:1 address-invalid"]],
    [{ fromName: "", fromAddress: "{{ recipient.agent }}" }, []],
    [{ fromName: "{{ x }}", fromAddress: "a@b.example" }, ["from 1:4 template"]],
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
    [header("X-A", "1 "), ["header:X-A 1:1 header-trailing-blank"]],
    [header("X-A", "a\tb"), ["header:X-A 1:1 header-control-character"]],
    [{ errorAddress: "nobody" }, ["errorAddress 1:1 address-invalid"]],
    [{ errorAddress: "{{ recipient.agent }}" }, []],
    [{ errorAddress: "{{ nobody }}" }, ["errorAddress 1:4 template"]],
    [{ charset: "iso-8859-1" }, ["content 1:1 charset-unknown"]],
    [{ listUnsubscribe: { header: true, mailbox: "leave" } }, ["header:List-Unsubscribe 1:1 address-invalid"]],
    [
      { listUnsubscribe: { header: true, mailbox: `${"x".repeat(32)}@a.example` } },
      ["header:List-Unsubscribe 1:1 address-invalid"],
    ],
    [{ listUnsubscribe: { header: true, mailbox: `${"x".repeat(31)}@a.example` } }, []],
    [file({ name: "{{ recipient.a }}.pdf" }), []],
    [file({ name: "{{ a }}.pdf" }), ["attachment:0 1:4 template"]],
    [file({ contentType: "pdf" }), ["attachment:0 1:1 content-type-invalid"]],
    [file({ contentType: "text/html\r\nBcc: a@b.example" }), ["attachment:0 1:1 content-type-invalid"]],
    [file({ contentType: "message/rfc822" }), ["attachment:0 1:1 content-type-invalid"]],
    [file({ contentType: 'text/csv; charset="utf-8"' }), []],
    [file({ contentId: "a>\r\n" }), ["attachment:0 1:1 content-id-invalid"]],
    [file({ contentId: "logo@shop" }), []],
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

describe("charset, files and tags of Envoi's own", () => {
  it("takes the charsets of the codec", () => {
    expect(compileContent({ ...base, charset: "iso-2022-jp" }, { codec })).toMatchObject({
      kind: "compiled",
      content: { charset: "iso-2022-jp" },
    });
    expect(compileContent({ ...base, charset: "ISO-2022-JP" }, { codec }).kind).toBe("errors");
  });

  it("asks for the files only when they are to be sent", () => {
    const source = { ...base, ...file({}) };
    expect(compileContent(source, { files: new Map() })).toMatchObject({
      kind: "errors",
      errors: [{ part: "attachment:0", code: "file-missing" }],
    });
    const compiled = compileContent(source, { files: new Map([[7, "QUJD\r\nREVG"]]) });
    expect(compiled.kind === "compiled" && compiled.content.attachments[0]?.base64).toBe("QUJDREVG\r\n");
  });

  it("allows internal tags only in prepared sources", () => {
    const source = { ...base, text: "{% link 3 %}" };
    expect(compileContent(source).kind).toBe("errors");
    expect(compileContent(source, { internal: true }).kind).toBe("compiled");
  });

  it("knows the delivery's variables", () => {
    const source = { ...base, text: "{{ delivery.season }}" };
    expect(compileContent(source).kind).toBe("errors");
    expect(compileContent({ ...source, variables: { season: "spring" } }).kind).toBe("compiled");
  });

  it("reads the preferred format only where it decides", () => {
    const optional = (change: Partial<ContentSource>) => {
      const result = compileContent({ ...base, ...change });
      return result.kind === "compiled" ? result.content.optionalAttributes : null;
    };
    expect(optional({})).toEqual(["email_format"]);
    expect(optional({ format: "text" })).toEqual([]);
  });

  it("says where in the source an error is", () => {
    const result = compileContent({ ...base, html: "<p>\r\n{{ foo }}" });
    expect(result.kind === "errors" && result.errors[0]).toMatchObject({ part: "html", line: 2, column: 4, offset: 7 });
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
