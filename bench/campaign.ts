/**
 * The campaign that all benchmarks of sending use, and the same messages for the peers: a bilingual newsletter of about
 * 10 kB with 39 personal places, recipients evenly over 20 domains, a DKIM key of 2,048 bits.
 */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

import { settingsSchema, type CreateDelivery, type Settings } from "../src/contract/index.ts";

export const DOMAINS = 20;
export const SENDER = { name: "Le club", address: "club@shop.example" };
export const SUBJECT = "{{ recipient.first_name }}, vos points vous attendent jusqu’à la fin de l’été";
export const HEADERS = [
  { name: "List-Unsubscribe", value: "<https://news.shop.example/u/{{ recipient.token }}>" },
  { name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click" },
];
export const HTML = readFileSync(new URL("./campaign/message.html", import.meta.url), "utf8");

/** Bytes on the wire, roughly. */
export type Size = "10k" | "50k" | "100k";

const SIZES: Readonly<Record<Size, number>> = { "10k": 0, "50k": 50_000, "100k": 100_000 };
/** The campaign as it is. */
const OWN_SIZE = 9_800;
const ITEM_WORDS =
  "Une sélection pour la saison; the autumn picks of our shop, warm and light, with a new cut and a softer fabric. Livraison offerte dès cinquante euros.";

/**
 * The HTML of this size: what newsletters of that weight are made of, cards with tables and inline styles, before the end of the body.
 * They are the same for everybody; the personal places stay those of the 10 kB.
 */
export function htmlOf(size: Size): string {
  let cards = "";
  for (let n = 1; SIZES[size] > OWN_SIZE && cards.length < (SIZES[size] - OWN_SIZE) / QUOTED_PRINTABLE; n++) {
    cards +=
      `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 16px">\n` +
      `<tr><td style="padding:12px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#222222">\n` +
      `<a href="https://shop.example/articles/${1000 + n}" style="color:#0b5fff;text-decoration:none">Article ${n}</a>\n` +
      `<p style="margin:8px 0 0">${ITEM_WORDS}</p>\n` +
      `<img src="https://shop.example/images/${1000 + n}.jpg" width="280" height="180" alt="Article ${n}" style="display:block">\n` +
      `</td></tr>\n</table>\n`;
  }
  return HTML.replace("</body>", () => `${cards}</body>`);
}

/** What quoted-printable makes of a byte of such HTML: `=` is frequent in it. */
const QUOTED_PRINTABLE = 1.14;
export const TEXT = readFileSync(new URL("./campaign/message.txt", import.meta.url), "utf8");
/** Places that differ from message to message. */
export const SLOTS = [SUBJECT, HTML, TEXT, ...HEADERS.map(({ value }) => value)].join("").split("{{").length - 1;

const FIRST_NAMES = ["Zoé", "François", "Anna", "Jürgen", "Maëlle", "Tom", "Noémie", "Louis"];
const LAST_NAMES = ["Lefèvre", "Smith", "García", "Dubois", "Müller", "O'Neil", "Besançon"];
const CITIES = ["Besançon", "Lyon", "Orléans", "London", "Nîmes", "Leeds"];

export type Person = Readonly<Record<(typeof COLUMNS)[number], string>>;
const COLUMNS = ["email", "first_name", "last_name", "city", "shop", "points", "customer", "token", "expires"] as const;

export function person(n: number, domains: number = DOMAINS): Person {
  const city = CITIES[n % CITIES.length] ?? "";
  return {
    email: `member-${n}@${domainOf(n % domains)}`,
    first_name: FIRST_NAMES[n % FIRST_NAMES.length] ?? "",
    last_name: LAST_NAMES[n % LAST_NAMES.length] ?? "",
    city,
    shop: `${1 + (n % 90)}, rue de l’Église, ${city}`,
    points: String((n * 37) % 5000),
    customer: `C${(n * 7919) % 10_000_000}-${n % 97}`,
    token: (n * 2_654_435_761).toString(36).padStart(14, "0"),
    expires: `${1 + (n % 28)} août`,
  };
}

/** Recipient domains in the order of their ports; members go round. */
function domainOf(n: number): string {
  return `destination-${n}.example`;
}

export function routesTo(ports: readonly number[]): Record<string, string> {
  return Object.fromEntries(ports.map((port, n) => [domainOf(n), `127.0.0.1:${port}`]));
}

export function* csvOf(people: Iterable<Person>): Generator<string> {
  let piece = `${COLUMNS.join(",")}\n`;
  for (const each of people) {
    piece += `${COLUMNS.map((name) => `"${each[name]}"`).join(",")}\n`;
    if (piece.length > 100_000) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

export function* members(count: number, domains: number = DOMAINS): Generator<Person> {
  for (let n = 0; n < count; n++) yield person(n, domains);
}

export type Signing = { readonly domain: string; readonly selector: string; readonly privateKey: string };

/** A fresh key and its DNS record (RFC 6376 §3.6.1). */
export function makeSigning(): { readonly signing: Signing; readonly record: string } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  const der = publicKey.export({ type: "spki", format: "der" });
  return {
    signing: { domain: "shop.example", selector: "bench", privateKey: String(pem) },
    record: `v=DKIM1; k=rsa; p=${der.toString("base64")}`,
  };
}

/** Whether there are copies, and when. */
export type ArchiveWish = Partial<Settings["archive"]>;

export function deliveryOf(
  label: string,
  importId: string,
  routes: Record<string, string>,
  archive: ArchiveWish = {},
  size: Size = "10k",
): CreateDelivery {
  return {
    label,
    content: { subject: SUBJECT, html: htmlOf(size), text: TEXT, syntax: "liquid" },
    sender: SENDER,
    audience: { import: importId },
    settings: settingsSchema.parse({ headers: HEADERS, routes, archive, tracking: { clicks: false, opens: false } }),
  };
}

/** The templates above for programs without a template language: values in their places, escaped in HTML. */
export function substitute(template: string, isHtml = false): (person: Person) => string {
  const pieces = template.split(/\{\{ recipient\.(\w+) \}\}/);
  return (values) => {
    let text = "";
    for (const [i, piece] of pieces.entries()) {
      const value = i % 2 === 0 ? piece : values[piece as keyof Person];
      text += i % 2 === 1 && isHtml ? escapeHtml(value) : value;
    }
    return text;
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
