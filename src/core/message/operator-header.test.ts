import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { judgeHeader, parseHeaderLines } from "./operator-header.ts";

function read(text: string) {
  const result = parseHeaderLines(text);
  return result.kind === "headers"
    ? result.headers.map(({ name, value }) => `${name}|${value}`)
    : result.errors.map(({ line, message }) => `${line}: ${message}`);
}

describe("parseHeaderLines", () => {
  it.each([
    ["", []],
    ["X-A: 1", ["X-A|1"]],
    ["X-A: 1\nX-B:2\r\nX-C:  a: b\n", ["X-A|1", "X-B|2", "X-C|a: b"]],
    ["X-A: {{ recipient.city }} é", ["X-A|{{ recipient.city }} é"]],
    ["X-A: 1\n\nX-B: 2", ["2: a blank line would end the headers of the message"]],
    ["\n", ["1: a blank line would end the headers of the message"]],
    ["X-A: 1 ", ["1: the header X-A has a blank at its end"]],
    ["X-A: 1\t", ["1: the header X-A has a control character in it"]],
    ["X-A:", ["1: the header X-A has no value"]],
    ["X-A 1", ['1: there is no colon: a header is written "name: value"']],
    ["X-A: 1\n  folded", ["2: the line begins with a blank: a header is written in one line"]],
    [": 1", ['1: "" is not a header name']],
    ["X A: 1", ['1: "X A" is not a header name']],
    ["X-A : 1", ['1: "X-A " is not a header name']],
    ["X-Ä: 1", ['1: "X-Ä" is not a header name']],
    ["X-A: a\u0007b", ["1: the header X-A has a control character in it"]],
    [`X-A: 1\nX-B: ${"x".repeat(10_001)}`, ["2: the header X-B has 10001 characters, it may have 10000"]],
    ["X-A: a\u2028b", ["1: the header X-A has a control character in it"]],
    ["X-A: 1\nX-B: 1\nx-a: 2", ["3: the header x-a is in line 1 already"]],
    [
      "To: a@b.example\nX-A",
      ["1: the header To is not the operator's to set", expect.stringMatching(/^2: there is no colon/)],
    ],
  ])("%j: %j", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each(
    (
      "From To Cc Bcc Subject Date Message-ID Reply-To Sender Return-Path Received MIME-Version mime-x Content-Type content-language " +
      "DKIM-Signature ARC-Seal ARC-Message-Signature Authentication-Results Resent-To Resent-Bcc Received-SPF Delivered-To"
    ).split(" "),
  )("does not let the operator set %s", (name) => {
    expect(read(`X-A: 1\n${name}: x`)).toEqual([`2: the header ${name} is not the operator's to set`]);
    expect(judgeHeader(name, "x")?.code).toBe("header-reserved");
  });

  it("gives back each header, or each line with its number", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
        const text = lines.join("\n");
        const result = parseHeaderLines(text);
        const count = text.replace(/(?:\r\n|\n|\r)$/, "").split(/\r\n|\n|\r/).length;
        if (result.kind === "errors") {
          for (const { line } of result.errors) expect(line >= 1 && line <= count).toBe(true);
        } else {
          for (const { name, value } of result.headers) expect(judgeHeader(name, value)).toBeNull();
          expect(result.headers).toHaveLength(text === "" ? 0 : count);
        }
      }),
    );
  });
});
