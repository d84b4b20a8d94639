import { describe, expect, test } from "vitest";

import { MANIFEST, manifestLink as link } from "../../../test/manifest.ts";
import { attributeItems, contentItems, targetItems } from "./checks.ts";
import { compileContent } from "../../core/message/compile-content.ts";
import type { Manifest } from "../../core/message/manifest.ts";

function compiled(manifest: Pick<Manifest, "subject" | "html" | "text">) {
  const result = compileContent({ ...manifest, fromName: "", fromAddress: "a@example.org" });
  if (result.kind === "errors") throw new Error(result.errors[0]?.message);
  return result.content;
}

const WHOLE: Manifest = { ...MANIFEST, subject: "s", html: "<p>unsubscribe</p>", text: "unsubscribe" };
const file = { fileId: 1, name: "a.pdf", contentType: "application/pdf", contentId: null, size: 10 };

const ids = (changes: Partial<Manifest>, settings: Partial<Parameters<typeof contentItems>[2]> = {}) => {
  const manifest = { ...WHOLE, ...changes };
  return contentItems(compiled(manifest), manifest, {
    mirror: "default",
    links: [],
    ...settings,
  }).map((item) => item.id);
};

describe("checks of content", () => {
  test.each<[string, Partial<Manifest>, string[]]>([
    ["nothing to say", {}, []],
    ["no text part", { text: null }, ["no-text-part"]],
    ["a public URL that nobody reaches", { publicUrl: "http://127.0.0.1:8080" }, ["public-url-local"]],
    ["a link that shows where it does not lead", { links: [link({ label: "www.example.org" })] }, ["link-shows-url"]],
    ["two attachments", { attachments: [file, file] }, ["attachments-many"]],
    ["an attachment and images", { attachments: [file, { ...file, contentId: "a" }] }, []],
    ["over 35 kB", { html: `<p>unsubscribe ${"x".repeat(36 * 1024)}</p>` }, ["size-35k"]],
    ["over 60 kB", { html: `<p>unsubscribe ${"x".repeat(61 * 1024)}</p>` }, ["size-60k"]],
    ["over 102 kB", { html: `<p>unsubscribe ${"x".repeat(103 * 1024)}</p>` }, ["size-102k"]],
  ])("%s", (_, content, expected) => expect(ids(content)).toEqual(expected));

  test("a rule for a link that is not there", () => {
    expect(ids({ links: [link({})] }, { links: [{ url: "https://example.org/" }] })).toEqual([]);
    expect(ids({ links: [link({})] }, { links: [{ url: "https://exmaple.org/" }] })).toEqual(["link-rule-unused"]);
  });

  test.each(["none", "message-id"] as const)("a link to a mirror page of the mode %s leads nowhere", (mirror) => {
    expect(ids({ links: [link({ mode: "mirror" })] }, { mirror })).toEqual(["mirror-link-dead"]);
  });

  test("a mirror page needs HTML", () => {
    const textOnly = { html: null, text: "Read on: {{ message.mirror_url }}, unsubscribe" };
    expect(ids(textOnly, { mirror: "force" })).toEqual(["mirror-without-html"]);
    expect(ids({ ...textOnly, links: [link({ mode: "mirror" })] })).toEqual(["mirror-without-html"]);
    expect(ids(textOnly)).toEqual([]);
  });
});

describe("checks of attributes and target", () => {
  const { attributes } = compiled({ subject: "{{ recipient.city }}", html: null, text: "a\n {{ recipient.town }}" });

  test("an attribute that nobody has is an error with its place, one that some lack a warning with numbers", () => {
    const items = attributeItems(
      attributes,
      [
        { attribute: "city", present: 83, known: true },
        { attribute: "town", present: 0, known: false },
      ],
      100,
    );
    expect(items).toMatchObject([
      { level: "warning", title: "city is missing for 17 recipients", detail: expect.stringContaining("83 %") },
      {
        level: "error",
        title: "Unknown attribute recipient.town",
        detail: expect.stringMatching(/^Text part, line 2, column \d+/),
      },
    ]);
  });

  test("nobody left to deliver to is an error that says where they went", () => {
    expect(targetItems({ targeted: 0, toDeliver: 0, excluded: {} })[0]?.detail).toBe("The audience is empty.");
    expect(targetItems({ targeted: 2, toDeliver: 0, excluded: { quarantined: 2 } })[0]?.detail).toContain(
      "2 quarantined",
    );
    expect(targetItems({ targeted: 2, toDeliver: 1, excluded: { quarantined: 1 } })).toEqual([]);
  });
});
