import { describe, expect, test } from "vitest";

import { parseTemplate, type ParsedTemplate } from "../../core/template/parse-template.ts";
import { execute, startRun } from "../../core/template/program.ts";
import type { TemplateKind } from "../../core/template/engine.ts";
import { lookupIn } from "./block-sources.ts";
import { listBuiltIn, type BlockOptions } from "./built-in.ts";

const KINDS = ["html", "text", "header"] as const;
const LANGUAGES = ["en", "fr", "es"] as const;

function parse(source: string | null, kind: TemplateKind): ParsedTemplate {
  const parsed = parseTemplate(source ?? "", { kind });
  if (parsed.kind === "errors") throw new Error(parsed.errors.map((error) => error.message).join());
  return parsed;
}

function render(name: string, kind: TemplateKind, options: Partial<BlockOptions>, values: Values = {}): string {
  const lookup = lookupIn([], { language: "en", hasAttribute: () => false, ...options });
  const scope = {
    recipient: { ...values.recipient },
    delivery: { sender_name: "Anna", ...values.delivery },
    message: { mirror_url: "https://e.example/m/1?a=1&b", unsubscribe_url: "https://e.example/u/1" },
    platform: { name: "Shop & Co", logo_url: "https://e.example/l.png", ...values.platform },
    clickUrl: () => "",
  };
  return execute(parse(lookup(name, kind), kind).program, startRun(kind, scope), (text) => text);
}
type Values = Partial<Record<"recipient" | "delivery" | "platform", Record<string, unknown>>>;

test("every block is a template of every kind in every language, header variants on one line", () => {
  for (const language of LANGUAGES) {
    const options = { language, hasAttribute: (name: string) => name === "name" };
    const lookup = lookupIn([], options);
    for (const { name } of listBuiltIn(options)) {
      for (const kind of KINDS) parse(lookup(name, kind), kind);
      expect(lookup(name, "header")).not.toContain("\n");
    }
  }
  expect(lookupIn([], { language: "en", hasAttribute: () => true })("nobody", "html")).toBeNull();
});

describe("the greeting", () => {
  test("reads no attribute where the audience has none that could be a name", () => {
    const source = lookupIn([], { language: "en", hasAttribute: () => false })("greeting", "html");
    expect(parse(source, "html").attributes).toEqual([]);
    expect(source).toBe("Hello,");
  });

  test.each(["first_name", "firstName", "given_name", "prénom", "name"])("reads %s, and nothing else", (attribute) => {
    const source = lookupIn([], { language: "en", hasAttribute: (name) => name === attribute })("greeting", "text");
    const used = new Set(parse(source, "text").attributes.map(({ name }) => name));
    expect([...used]).toEqual([attribute]);
    const options = { hasAttribute: (name: string) => name === attribute };
    expect(render("greeting", "text", options, { recipient: { [attribute]: "Zoë" } })).toBe("Hello Zoë,");
  });

  test.each([
    ["en", "Hello Ann,", "Hello,"],
    ["fr", "Bonjour Ann,", "Bonjour,"],
    ["es", "Hola, Ann:", "Hola:"],
  ] as const)("in %s, with and without a name", (language, named, neutral) => {
    const options = { language, hasAttribute: (name: string) => name === "first_name" };
    expect(render("greeting", "html", options, { recipient: { first_name: "Ann" } })).toBe(named);
    for (const first_name of ["", "  ", null]) {
      expect(render("greeting", "html", options, { recipient: { first_name } })).toBe(neutral);
    }
    expect(render("greeting", "html", options)).toBe(neutral);
  });

  test("a name that is HTML stays text", () => {
    const options = { hasAttribute: (name: string) => name === "name" };
    expect(render("greeting", "html", options, { recipient: { name: "<b>'\"&" } })).toBe(
      "Hello &lt;b&gt;&#39;&#34;&amp;,",
    );
  });
});

test("links to the mirror page and to unsubscribe have exactly the variable as their address", () => {
  const lookup = lookupIn([], { language: "fr", hasAttribute: () => false });
  expect(lookup("mirror-page", "html")).toBe(
    '<a href="{{ message.mirror_url }}">Voir ce message dans votre navigateur</a>',
  );
  expect(lookup("unsubscribe", "html")).toBe('<a href="{{ message.unsubscribe_url }}">Se désabonner</a>');
  expect(lookup("unsubscribe", "text")).toBe("Se désabonner\u00a0: {{ message.unsubscribe_url }}");
  expect(lookup("mirror-page-url", "html")).toBe("{{ message.mirror_url }}");
  expect(render("mirror-page", "text", { language: "es" })).toBe(
    "Ver este mensaje en el navegador: https://e.example/m/1?a=1&b",
  );
  expect(render("unsubscribe-url", "html", {})).toBe("https://e.example/u/1");
});

test("the logo is a picture that says whose it is; without one, or in text, the name", () => {
  expect(render("logo", "html", {})).toContain('src="https://e.example/l.png" alt="Shop &amp; Co"');
  expect(render("logo", "html", {}, { platform: { logo_url: "" } })).toBe("Shop &amp; Co");
  expect(render("logo", "text", {})).toBe("Shop & Co");
});

test("the signature names the sender, and the organisation where it is another", () => {
  expect(render("signature", "html", {})).toBe("Anna<br>Shop &amp; Co");
  expect(render("signature", "text", {})).toBe("Anna\nShop & Co");
  expect(render("signature", "text", {}, { platform: { name: "" } })).toBe("Anna");
  expect(render("signature", "text", {}, { platform: { name: "Anna" } })).toBe("Anna");
});
