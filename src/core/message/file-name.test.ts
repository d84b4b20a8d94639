import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readMime } from "../../../test/golden/read-mime.ts";
import { cleanFileName, dispositionField } from "./file-name.ts";

describe("cleanFileName", () => {
  it.each([
    ["terms.pdf", "terms.pdf"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["C:\\a.exe", "C__a.exe"],
    ['a"b<c>.pdf', "a_b_c_.pdf"],
    ["a\r\nBcc: x.pdf", "aBcc_ x.pdf"],
    ["  a   b .pdf ", "a b .pdf"],
    ["invoice\u202efdp.exe", "invoicefdp.exe"],
    ["name. . ", "name"],
    ["", "attachment"],
    ["...", "attachment"],
    ["\ud83c.pdf", "\ufffd.pdf"],
    [`${"x".repeat(300)}.pdf`, `${"x".repeat(251)}.pdf`],
    [`${"é".repeat(300)}.pdf`, `${"é".repeat(125)}.pdf`],
  ])("%.40j becomes %.40j", (name, expected) => {
    expect(cleanFileName(name)).toBe(expected);
  });
});

describe("dispositionField", () => {
  it.each([
    ["a b.pdf", ' filename="a b.pdf"'],
    ["é.pdf", " filename*=utf-8''%C3%A9.pdf;\r\n filename=\"_.pdf\""],
    [
      `${"x".repeat(70)}.pdf`,
      ` filename*0*=utf-8''${"x".repeat(54)};\r\n filename*1*=${"x".repeat(16)}.pdf;\r\n filename="${"x".repeat(56)}.pdf"`,
    ],
  ])("%j", (name, expected) => {
    expect(dispositionField("attachment", name)).toBe(`Content-Disposition: attachment;\r\n${expected}\r\n`);
  });

  it("gives back any clean name, on lines of 78 at most", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary", maxLength: 300 })), (text) => {
        const name = cleanFileName(text);
        const field = dispositionField("inline", name);
        for (const line of field.split("\r\n")) expect(line).toMatch(/^[ -~]{0,78}$/);
        expect(readMime(`${field}\r\n`)).toMatchObject({ disposition: "inline", fileName: name });
      }),
      { numRuns: 500 },
    );
  });
});
