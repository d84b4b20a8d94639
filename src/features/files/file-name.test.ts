import * as fc from "fast-check";
import { expect, test } from "vitest";

import { attachmentDisposition } from "./disposition.ts";
import { cleanFileName } from "./file-name.ts";

test.each([
  ["offer.pdf", "offer.pdf"],
  ["C:\\Users\\me\\offer.pdf", "offer.pdf"],
  ["../../etc/passwd", "passwd"],
  ["/", "file"],
  ["", "file"],
  ["..", "file"],
  [" \t ", "file"],
  ["a\r\nBcc: x@x.example\0.pdf", "aBcc: x@x.example.pdf"],
  ["cod\u202efdp.exe", "codfdp.exe"],
  ["\ud800lone.txt", "lone.txt"],
  ["Größe 🎉 日本語.txt", "Größe 🎉 日本語.txt"],
  [`${"x".repeat(300)}.pdf`, `${"x".repeat(196)}.pdf`],
  [`${"🎉".repeat(300)}.docx`, `${"🎉".repeat(195)}.docx`],
  [`a.${"x".repeat(300)}`, `a.${"x".repeat(198)}`],
  [".htaccess", ".htaccess"],
])("%j is kept as %j", (given, kept) => {
  expect(cleanFileName(given)).toBe(kept);
});

test("any name becomes one that can be shown, stored and sent, and stays so", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (given) => {
      const name = cleanFileName(given);
      expect(name).toMatch(/^[^\p{Cc}\p{Cs}/\\]+$/u);
      expect(Array.from(name).length).toBeLessThanOrEqual(200);
      expect(cleanFileName(name)).toBe(name);
      const header = attachmentDisposition(name);
      expect(header).toMatch(/^attachment; filename="[ !#-~]*"; filename\*=UTF-8''[!#-&+\-.0-9A-Z^_`a-z|~]+$/);
      expect(decodeURIComponent(header.slice(header.indexOf("''") + 2))).toBe(name);
    }),
  );
});
