import { describe, expect, test } from "vitest";

import { MANIFEST, manifestLink } from "../../../test/manifest.ts";
import type { Link, Manifest } from "../../core/message/manifest.ts";
import { alignmentItems } from "./checks-alignment.ts";
import { messageItems } from "./checks-content.ts";

const WHOLE: Manifest = {
  ...MANIFEST,
  fromName: "Shop",
  fromAddress: "news@shop.example",
  publicUrl: "https://t.shop.example",
};

const link = (url: string, changes: Partial<Link> = {}) =>
  manifestLink({ url, personalised: url.includes("{{"), label: "Read on", line: 3, column: 7, ...changes });
const items = (changes: Partial<Manifest>, nature: "marketing" | "service" = "marketing") =>
  messageItems({ ...WHOLE, ...changes }, [], { nature });
const ids = (...given: Parameters<typeof items>) => items(...given).map(({ id }) => id);

describe("a way out", () => {
  const out = link("https://shop.example/out", { number: 4, mode: "opt-out" });
  test.each<[string, Partial<Manifest>, string[]]>([
    ["in both parts", {}, []],
    ["in none", { html: "<p>x</p>", text: "x" }, ["no-unsubscribe-link"]],
    ["not in the text part", { text: "x" }, ["no-unsubscribe-link-text"]],
    ["not in the HTML part", { html: "<p>x</p>" }, ["no-unsubscribe-link-html"]],
    ["not in the HTML part, which nobody gets", { html: "<p>x</p>", format: "text" }, []],
    ["not in the text part, which nobody gets", { text: "x", format: "html" }, []],
    ["there is one part only", { html: null, text: "x" }, ["no-unsubscribe-link"]],
    ["in words of French", { text: "Se désabonner : …" }, []],
    ["a link that is marked so", { html: '<a href="{% link 4 %}">x</a>', text: "{% link 4 %}", links: [out] }, []],
    [
      "a link that is marked so, in the HTML only",
      { html: '<a href="{% link 4 %}">x</a>', text: "x", links: [out] },
      ["no-unsubscribe-link-text"],
    ],
  ])("%s", (_, changes, expected) => expect(ids(changes)).toEqual(expected));

  test("service mail needs none, and no header", () => {
    expect(ids({ html: "<p>x</p>", text: "x", listUnsubscribe: { header: false, mailbox: null } }, "service")).toEqual(
      [],
    );
  });
});

test.each<[string, Partial<Manifest>, string[]]>([
  ["the header is off", { listUnsubscribe: { header: false, mailbox: null } }, ["one-click-off"]],
  ["the public URL is not https", { publicUrl: "http://t.shop.example" }, ["one-click-insecure"]],
  ["the public URL is this machine", { publicUrl: "http://127.0.0.1:8080" }, []],
  [
    "a header of its own",
    { headers: [{ name: "List-unsubscribe", value: "<https://a.example>" }] },
    ["one-click-own-header"],
  ],
  [
    "both headers of its own",
    {
      headers: [
        { name: "List-Unsubscribe", value: "<https://a.example>" },
        { name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click" },
      ],
    },
    [],
  ],
])("one click: %s", (_, changes, expected) => expect(ids(changes)).toEqual(expected));

test.each<[string, string[]]>([
  ["  ", ["subject-empty"]],
  [`${"word ".repeat(16)}`, ["subject-long"]],
  [`{{ recipient.${"x".repeat(80)} }}, hello`, []],
  ["🎉".repeat(40), []],
  ["BUY NOW, IT IS CHEAP", ["subject-capitals"]],
  ["NASA on TV", []],
  ["{{ recipient.NAME_IN_CAPITALS }} is here", []],
  ["Free\u200b money", ["subject-characters"]],
  ["Hello 👩\u200d💻", []],
  ["\u202ereversed", ["subject-characters"]],
  ["Today only!!!", ["subject-marks"]],
  ["Really?!", []],
  ["Re: your order", ["subject-reply"]],
  ["Regarding your order: soon", []],
])("the subject %j", (subject, expected) => expect(ids({ subject })).toEqual(expected));

test.each<[string, string[]]>([
  ["Shop", []],
  ["news@shop.example", []],
  ["Bank <service@bank.example>", ["sender-other-address"]],
  ["Sh\u00adop", ["sender-characters"]],
])("the sender name %j", (fromName, expected) => expect(ids({ fromName })).toEqual(expected));

describe("links", () => {
  test.each<[string, Link, string[]]>([
    ["as they should be", link("https://shop.example/a?b=1&c=2"), []],
    ["an & written out twice", link("https://shop.example/a?b=1&amp;c=2"), ["link-malformed"]],
    ["a scheme twice", link("https://http://shop.example"), ["link-malformed"]],
    ["a blank", link("https://shop.example/a%20b"), ["link-malformed"]],
    ["a name and password", link("https://shop.example@evil.example/"), ["link-malformed"]],
    ["no domain", link("https://intranet/a"), ["link-malformed"]],
    ["an address of numbers", link("https://[2001:db8::1]/"), []],
    ["a personalised path", link("https://shop.example/{{ recipient.id }}"), []],
    ["a personalised query", link("https://shop.example?c={{ recipient.id | url_encode }}"), []],
    ["a personalised host", link("https://{{ recipient.shop }}.example/"), ["link-personalised"]],
    ["a host with a personalised end", link("https://shop.{{ recipient.country }}/"), ["link-personalised"]],
    ["all of it from data", link("{{ recipient.link }}"), ["link-personalised"]],
    ["Envoi's own page", link("{{ message.mirror_url }}", { mode: "mirror" }), []],
    ["no words", link("https://shop.example/a", { label: "https://shop.example/a" }), ["link-without-label"]],
    [
      "no words, not tracked",
      link("https://shop.example/a", { label: "https://shop.example/a", mode: "not-tracked" }),
      [],
    ],
  ])("%s", (_, given, expected) => expect(ids({ links: [given] })).toEqual(expected));

  test("the first is shown with its place, the others are counted; the level of labels is a hint", () => {
    const url = "https://shop.example/a";
    const [wrong, unnamed] = items({
      links: [link("https://one/"), link("https://two/"), link(url, { label: url })],
    });
    expect(wrong).toMatchObject({
      level: "warning",
      detail: "HTML part, line 3, column 7: https://one/ has a host without a domain. And 1 more.",
    });
    expect(unnamed).toMatchObject({ id: "link-without-label", level: "info" });
  });
});

test("images without an alternative text are counted, the first is named", () => {
  const images = [
    { url: "a.png", hasAlt: true },
    { url: "b.png", hasAlt: false },
    { url: "c.png", hasAlt: false },
  ];
  expect(messageItems(WHOLE, images, { nature: "marketing" })).toMatchObject([
    {
      id: "images-without-alt",
      level: "warning",
      title: "2 of 3 images have no alternative text",
      detail: expect.stringMatching(/^b\.png/),
    },
  ]);
  expect(messageItems(WHOLE, images.slice(0, 1), { nature: "marketing" })).toEqual([]);
});

test.each<[string, Parameters<typeof alignmentItems>[0], string[]]>([
  ["signed as itself", { domain: "shop.example", signedAs: "shop.example", someKeys: true }, []],
  ["signed by the domain above", { domain: "news.shop.example", signedAs: "shop.example", someKeys: true }, []],
  ["signed by a domain below", { domain: "shop.example", signedAs: "mail.shop.example", someKeys: true }, []],
  ["signed by another", { domain: "shop.example", signedAs: "myshop.example", someKeys: true }, ["from-unaligned"]],
  ["not signed", { domain: "shop.example", signedAs: null, someKeys: true }, ["from-not-signed"]],
  ["nothing is signed here", { domain: "shop.example", signedAs: null, someKeys: false }, []],
  ["at a mailbox provider", { domain: "gmail.com", signedAs: null, someKeys: false }, ["from-mailbox-provider"]],
  ["personalised", { domain: null, signedAs: null, someKeys: true }, []],
])("From and signature: %s", (_, facts, expected) =>
  expect(alignmentItems(facts).map(({ id }) => id)).toEqual(expected),
);
