import { describe, expect, test } from "vitest";

import { attributeItems, contentItems, targetItems } from "./checks.ts";
import { compileDelivery } from "./content-of.ts";
import { settingsSchema, type Content } from "../../contract/index.ts";

function compiled(content: Content) {
  const result = compileDelivery({
    content,
    sender: { name: "", address: "a@example.org" },
    settings: settingsSchema.parse({}),
  });
  if (result.kind === "errors") throw new Error(result.errors[0]?.message);
  return result.content;
}

const ids = (content: Partial<Content>, headers: { name: string }[] = []) => {
  const whole: Content = {
    subject: "s",
    syntax: "liquid",
    html: "<p>unsubscribe</p>",
    text: "unsubscribe",
    ...content,
  };
  return contentItems(compiled(whole), whole, headers).map((item) => item.id);
};

describe("checks of content", () => {
  test.each<[string, Partial<Content>, string[]]>([
    ["nothing to say", {}, []],
    ["no text part", { text: "  " }, ["no-text-part"]],
    ["no way out", { html: "<p>x</p>", text: "x" }, ["no-unsubscribe-link"]],
    ["a way out in French", { html: "<p>x</p>", text: "Se désabonner : …" }, []],
    ["over 35 kB", { html: `<p>unsubscribe ${"x".repeat(36 * 1024)}</p>` }, ["size-35k"]],
    ["over 60 kB", { html: `<p>unsubscribe ${"x".repeat(61 * 1024)}</p>` }, ["size-60k"]],
    ["over 102 kB", { html: `<p>unsubscribe ${"x".repeat(103 * 1024)}</p>` }, ["size-102k"]],
  ])("%s", (_, content, expected) => expect(ids(content)).toEqual(expected));

  test("a List-Unsubscribe header is a way out too", () => {
    expect(ids({ html: "<p>x</p>", text: "x" }, [{ name: "list-unsubscribe" }])).toEqual([]);
  });
});

describe("checks of attributes and target", () => {
  const content = compiled({ subject: "{{ recipient.city }}", text: "a\n {{ recipient.town }}", syntax: "liquid" });

  test("an attribute that nobody has is an error with its place, one that some lack a warning with numbers", () => {
    const items = attributeItems(
      content,
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
