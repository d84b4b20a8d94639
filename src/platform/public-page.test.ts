import fc from "fast-check";
import { fastify } from "fastify";
import type { Element, Text } from "domhandler";
import { parseDocument } from "htmlparser2";
import { expect, test } from "vitest";

import { createLog } from "./log.ts";
import { answerErrorsAsPages, chooseLanguage, html, sendPublicPage } from "./public-page.ts";

test("any text comes back from element and attribute as it was, and makes no other element", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" }), (text, title) => {
      // Line ends and NUL are what HTML itself changes in text.
      fc.pre(!/[\r\0]/.test(text + title));
      const elements = parseDocument(html`<b title="${title}">${text}</b>`.markup).children as Element[];
      expect(elements.map((element) => element.attribs)).toEqual([{ title }]);
      const texts = elements.flatMap((element) => element.children as Text[]);
      expect(texts.map((child) => child.data).join("")).toBe(text);
    }),
  );
});

test("markup goes into markup unescaped, alone or as a list; what only looks like it does not", () => {
  const item = html`<li>${"<"}</li>`;
  expect(html`<ul>${[item, item]}</ul>${item}${1}`.markup).toBe("<ul><li>&#60;</li><li>&#60;</li></ul><li>&#60;</li>1");
  const forged = { markup: "<script>" } as unknown as typeof item;
  expect(() => html`${forged}`).toThrow();
});

test.each([
  [undefined, [], "en"],
  ["", ["", null, undefined, 3, {}], "en"],
  ["fr", ["es"], "fr"],
  ["FR-be", [], "fr"],
  ["de-DE,de;q=0.9", ["es-MX", "fr"], "es"],
  ["en;q=0.1, es;q=0.2", [], "es"],
  ["es, en", [], "es"],
  ["en;q=0, fr;q=0.001", [], "fr"],
  ["frs, *", ["est", "fr_CA"], "fr"],
  ["en;q=x, fr", [], "en"],
  [",;q=;,,;;", ["fr"], "fr"],
  [`${"x,".repeat(100_000)}fr`, [], "en"],
])("%j, else %j: %s", (asked, fallbacks, language) => {
  expect(chooseLanguage(asked, ...fallbacks)).toBe(language);
});

test.each([
  ["https://img.example/a.png?b=1", "img-src https://img.example"],
  ["http://img.example:8080/a.png", "img-src http://img.example:8080"],
  ["", null],
  ["javascript:alert(1)", null],
  ["https://", null],
  ["https://a.example; script-src *", null],
])("the logo %j is allowed as %j", async (logoUrl, directive) => {
  const app = fastify();
  app.get("/", (_request, reply) =>
    sendPublicPage(reply, 200, { language: "en", title: "T", organisation: "O", logoUrl, body: html`` }),
  );
  const { headers, body } = await app.inject("/");
  const policy = String(headers["content-security-policy"]).split("; ");
  expect(policy.filter((part) => part.startsWith("img-src"))).toEqual(directive === null ? [] : [directive]);
  expect(policy).toHaveLength(directive === null ? 5 : 6);
  expect(body.includes("<img")).toBe(directive !== null);
});

test.each([
  [Object.assign(new Error("secret: boom"), {}), 500, "Algo ha fallado"],
  [Object.assign(new Error("secret: boom"), { statusCode: 502 }), 500, "Algo ha fallado"],
  [Object.assign(new Error("secret: no"), { statusCode: 422 }), 422, "Este enlace no se puede leer"],
  [Object.assign(new Error("secret: big"), { statusCode: 413 }), 413, "Envío demasiado grande"],
  [Object.assign(new Error("secret: gone"), { code: "57P01" }), 503, "No disponible por un momento"],
  [new Error("timeout exceeded when trying to connect"), 503, "No disponible por un momento"],
])("%s is told as a page", async (error, status, title) => {
  const app = fastify();
  answerErrorsAsPages(app, createLog("silent", "test"));
  app.get("/", () => Promise.reject(error));
  const answer = await app.inject({ url: "/", headers: { "accept-language": "es" } });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers["retry-after"]).toBe(status === 503 ? "60" : undefined);
  expect(answer.body).toContain(`<h1>${title}</h1>`);
  expect(answer.body).not.toContain(error.message);
});
