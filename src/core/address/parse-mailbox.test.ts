/** Mailboxes with and without a name, as on the command line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseMailbox } from "./parse-mailbox.ts";

describe("parseMailbox", () => {
  test.each<[string, string, string]>([
    ["a@b.example", "", "a@b.example"],
    ["Ann Lee <a@b.example>", "Ann Lee", "a@b.example"],
    [" Ann  <a@b.example> ", "Ann", "a@b.example"],
    ['"Lee, Ann" <a@b.example>', "Lee, Ann", "a@b.example"],
    ['"Ann \\"A\\" Lee"<a@b.example>', 'Ann "A" Lee', "a@b.example"],
    ['"<Ann>" <a@b.example>', "<Ann>", "a@b.example"],
    ["Müller & Söhne, GmbH <Info@Müller.example>", "Müller & Söhne, GmbH", "Info@Müller.example"],
    ["<a@b.example>", "", "a@b.example"],
    ['"a b"@b.example', "", '"a b"@b.example'],
  ])("%j", (text, name, address) => {
    expect(parseMailbox(text)).toMatchObject({ kind: "valid", name, address: { address } });
  });

  test.each<[string, number, RegExp]>([
    ["Ann <a@b.example", 5, /without ">"/],
    ["Ann <a@b.example> x", 19, /after ">"/],
    ["Ann <>", 5, /nothing between/],
    ["Ann <a b@c.example>", 7, /blank/],
    ["Ann <<a@b.example>", 5, /"<" in the name/],
    ['Ann "x <a@b.example>', 5, /in the name/],
    ['"Ann <a@b.example>', 1, /closing quote/],
    ['"Ann" Lee <a@b.example>', 6, /after the quoted name/],
    ["Ann\r\nBcc: c@d.example <a@b.example>", 4, /line break/],
    ["Ann", 1, /no "@"/],
  ])("%j", (text, at, reason) => {
    expect(parseMailbox(text)).toEqual({ kind: "invalid", at, reason: expect.stringMatching(reason) });
  });

  test("never throws, and names hold no control characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('aé@.<>"\\ ,\r\n\0')) }), (text) => {
        const result = parseMailbox(`${text} <a@b.example>`);
        if (result.kind === "valid") expect(result.name).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 2000 },
    );
  });
});
