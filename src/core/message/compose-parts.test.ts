import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";

import { leavesOf, readMime } from "../../../test/golden/read-mime.ts";
import { compileSample, composeSample } from "../../../test/golden/sample-message.ts";
import { expectWireForm, hostileValue, readable } from "../../../test/golden/wire-form.ts";
import type { ContentSource } from "./compile-content.ts";

describe("transfer encodings", () => {
  it.each([
    [{ text: "Hello\n\n- one\n- two\n" }, "7bit"],
    [{ text: "Hello" }, "7bit"],
    [{ text: "Hello {{ recipient.a }}" }, "quoted-printable"],
    [{ text: "Two  blanks\n" }, "quoted-printable"],
    [{ text: "A blank at the end \n" }, "quoted-printable"],
    [{ text: "A\ttab\n" }, "quoted-printable"],
    [{ text: ".\n" }, "quoted-printable"],
    [{ text: "From me\n" }, "quoted-printable"],
    [{ text: "-- \nme\n" }, "quoted-printable"],
    [{ text: "--=_a.12-3.x--\n" }, "quoted-printable"],
    [{ text: `${"x".repeat(79)}\n` }, "quoted-printable"],
    [{ text: "Hello\n\n\n" }, "quoted-printable"],
    [{ text: "Café au lait, s'il vous plaît\n" }, "quoted-printable"],
    [{ text: "Привет\n" }, "base64"],
    [{ text: "中文\n" }, "base64"],
    [{ text: "日本語\n", charset: "iso-2022-jp" }, "quoted-printable"],
    [{ html: "<table><tr><td>Ёж</td></tr></table>" }, "quoted-printable"],
  ] satisfies [Partial<ContentSource>, string][])("%j: %s", (source: Partial<ContentSource>, expected) => {
    const made = composeSample(compileSample(source));
    const own = readMime(made.wire);
    expect(own.encoding).toBe(expected);
    expectWireForm(made.wire, made.body);
    expect(readable(own.text)).toBe(readable((source.text ?? source.html)?.replace("{{ recipient.a }}", "")));
  });
});

describe("formats", () => {
  const both = { html: "<p>H</p>", text: "T" };
  const types = (change: Partial<ContentSource>, vars = {}, recipient = "a@x.example") =>
    leavesOf(readMime(composeSample(compileSample({ ...both, ...change }), vars, { recipient }).wire)).map(
      (p) => p.type,
    );
  const rules = [
    { domains: ["ok.x.jp"], format: "alternative" as const },
    { domains: ["docomo.jp", "*.x.jp"], format: "text" as const },
    { domains: ["ok.x.jp", "h.example"], format: "html" as const },
  ];

  it.each([
    [{}, {}, ["text/plain", "text/html"]],
    [{}, { email_format: "html" }, ["text/html"]],
    [{}, { email_format: " TEXT " }, ["text/plain"]],
    [{}, { email_format: "both" }, ["text/plain", "text/html"]],
    [{}, { email_format: 1 }, ["text/plain", "text/html"]],
    [{ format: "alternative" }, { email_format: "text" }, ["text/plain", "text/html"]],
    [{ format: "html" }, {}, ["text/html"]],
    [{ format: "text" }, {}, ["text/plain"]],
    [{ format: "text", text: null }, {}, ["text/html"]],
    [{ format: "html", html: null }, {}, ["text/plain"]],
    [{ html: null }, { email_format: "html" }, ["text/plain"]],
  ] as const)("%j for %j: %j", (change, vars, expected) => {
    expect(types(change, vars)).toEqual(expected);
  });

  it.each([
    ["a@docomo.jp", {}, ["text/plain"]],
    ["a@sub.x.jp", { email_format: "html" }, ["text/plain"]],
    ["a@x.jp", {}, ["text/plain", "text/html"]],
    ["a@ok.x.jp", {}, ["text/plain", "text/html"]],
    ["a@ok.x.jp", { email_format: "html" }, ["text/html"]],
    ["a@H.example", { email_format: "text" }, ["text/html"]],
  ])("%s by the rules of domains", (recipient, vars, expected) => {
    expect(types({ formatRules: rules }, vars, recipient)).toEqual(expected);
  });

  it("sends what there is where a rule asks for another part", () => {
    expect(types({ formatRules: rules, text: null }, {}, "a@docomo.jp")).toEqual(["text/html"]);
  });
});

describe("structure", () => {
  const logo = { fileId: 1, name: "logo.png", contentType: "image/png", contentId: "logo", size: 70 };
  const terms = { fileId: 2, name: "terms.pdf", contentType: "application/pdf", contentId: null, size: 120 };
  const shape = (part: ReturnType<typeof readMime>): string =>
    part.parts.length === 0 ? part.type : `${part.type}(${part.parts.map(shape).join(" ")})`;
  const both = { html: '<img src="cid:logo">', text: "T" };

  it.each([
    [both, "multipart/alternative(text/plain text/html)"],
    [{ ...both, attachments: [logo] }, "multipart/alternative(text/plain multipart/related(text/html image/png))"],
    [
      { ...both, attachments: [terms, logo] },
      "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png)) application/pdf)",
    ],
    [{ html: both.html, attachments: [logo] }, "multipart/related(text/html image/png)"],
    [{ text: "T", attachments: [terms] }, "multipart/mixed(text/plain application/pdf)"],
    [{ ...both, format: "text", attachments: [logo] }, "text/plain"],
  ] satisfies [Partial<ContentSource>, string][])("%j", (source, expected) => {
    const made = composeSample(compileSample(source));
    expectWireForm(made.wire, made.body);
    expect(shape(readMime(made.wire))).toBe(expected);
  });

  it("carries files and images as they are", async () => {
    const made = composeSample(compileSample({ ...both, attachments: [terms, logo] }));
    const mail = await PostalMime.parse(made.bytes);
    expect(mail.attachments.map((a) => [a.filename, a.mimeType, a.disposition, a.contentId])).toEqual([
      ["logo.png", "image/png", "inline", "<logo>"],
      ["terms.pdf", "application/pdf", "attachment", undefined],
    ]);
    const [, , image, pdf] = leavesOf(readMime(made.wire));
    expect(image?.content.subarray(1, 4).toString()).toBe("PNG");
    expect(pdf?.content.toString()).toBe("%PDF-1.4\n%%EOF\n".repeat(8));
  });

  it("names files for each recipient, in any script", async () => {
    const content = compileSample({ text: "x", attachments: [{ ...terms, name: "{{ recipient.a }}.pdf" }] });
    await fc.assert(
      fc.asyncProperty(hostileValue, async (a) => {
        const made = composeSample(content, { a });
        expectWireForm(made.wire, made.body);
        const [, file] = leavesOf(readMime(made.wire));
        const mail = await PostalMime.parse(made.bytes);
        expect(file?.fileName).toBe(mail.attachments[0]?.filename);
        expect(file?.fileName).toMatch(/\.pdf$/);
        expect(file?.fileName).not.toMatch(/[/\\"\u202e]/);
        expect(file?.headers.map(([name]) => name)).toEqual([
          "Content-Type",
          "Content-Transfer-Encoding",
          "Content-Disposition",
        ]);
      }),
    );
  });
});
