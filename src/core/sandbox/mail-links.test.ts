import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { findMailLinks } from "./mail-links.ts";

const BASE = "http://127.0.0.1:8025/mail";
const at = (path: string) => `${BASE}/${path}`;

describe("links of a message", () => {
  test("each kind by its path, each link once", () => {
    const html = `<a href="${at("r/AA")}">x</a><a href="${at("r/B-_")}">y</a><a href='${at("r/AA")}'>z</a>
      <a href="${at("u/CC")}">u</a><a href="${at("m/DD")}">m</a><img src="${at("o/EE")}">`;
    expect(findMailLinks(html, BASE)).toEqual({
      pixel: at("o/EE"),
      mirror: at("m/DD"),
      unsubscribe: at("u/CC"),
      visible: [at("r/AA"), at("r/B-_")],
      all: [at("r/AA"), at("r/B-_"), at("u/CC"), at("m/DD")],
    });
  });
  test.each([
    [`<a style="display:none" href="${at("r/AA")}">x</a>`, true],
    [`<a href="${at("r/AA")}" style="color:red;DISPLAY : none">x</a>`, true],
    [`<p style="display:none">p</p><a href="${at("r/AA")}">x</a>`, false],
    [`<a href="${at("r/AA")}">x</a><p style="display:none">p</p>`, false],
    [`Read on: ${at("r/AA")} (display:none)`, false],
  ])("%s is hidden: %s", (html, hidden) => {
    const { all, visible } = findMailLinks(html, BASE);
    expect(all).toEqual([at("r/AA")]);
    expect(visible).toEqual(hidden ? [] : all);
  });
  test.each([
    "https://shop.example/r/AA",
    "http://127.0.0.1:80255/mail/r/AA",
    "http://127.0.0.1:8025/mailing/r/AA",
    "http://127.0.0.1:8025/api/v1/tokens",
    "http://127.0.0.1:8025/mail/r/",
    "http://127.0.0.1:8025/mail/x/AA",
  ])("%s is nobody's", (url) => {
    const { pixel, mirror, unsubscribe, all } = findMailLinks(`<a href="${url}">x</a>`, BASE);
    expect([pixel, mirror, unsubscribe, ...all]).toEqual([null, null, null]);
  });
});

test("whatever a body says, nothing but a path and a token is asked for", () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom(`${BASE}/`, "r/", "o/", "<a ", "@evil.example", "../", "?", "#"));
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const { pixel, mirror, unsubscribe, all } = findMailLinks(pieces.join(""), BASE);
      for (const url of [pixel, mirror, unsubscribe, ...all]) {
        if (url !== null) expect(url.slice(BASE.length)).toMatch(/^\/[romu]\/[A-Za-z0-9_-]+$/);
      }
    }),
  );
});

test("links without end are cut", () => {
  const body = Array.from({ length: 5000 }, (_, i) => at(`r/A${i}`)).join(" ");
  expect(findMailLinks(body, BASE).all).toHaveLength(200);
});
