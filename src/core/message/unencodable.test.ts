import { describe, expect, it } from "vitest";

import { codec } from "../../adapters/charset/codec.ts";
import { compileSample, FACTS } from "../../../test/golden/sample-message.ts";
import { renderParts } from "./compose-message.ts";
import { findUnencodable } from "./unencodable.ts";

function found(charset: string, a: string) {
  const content = compileSample({
    subject: "Hi {{ recipient.a }}",
    fromName: "Café",
    html: "<p>{{ recipient.a }}</p>",
    text: "{{ recipient.a }} {{ recipient.a }}",
    charset,
  });
  const rendered = renderParts(content, { a }, FACTS);
  if (rendered.kind === "error") throw new Error(rendered.message);
  return findUnencodable(content, codec, rendered);
}

describe("findUnencodable", () => {
  it("names the characters of each part, and what readers see instead", () => {
    expect(found("iso-8859-1", "Łódź €")).toEqual([
      { part: "subject", characters: "Łź€", replacedBy: "?" },
      { part: "html", characters: "Łź€", replacedBy: "reference" },
      { part: "text", characters: "Łź€", replacedBy: "?" },
    ]);
    expect(found("us-ascii", "x")).toEqual([{ part: "from", characters: "é", replacedBy: "?" }]);
  });

  it.each([
    ["iso-8859-2", "Łódź"],
    ["utf-8", "Łódź 🎉"],
  ])("finds nothing in %s for %s", (charset, a) => {
    expect(found(charset, a)).toEqual([]);
  });
});
