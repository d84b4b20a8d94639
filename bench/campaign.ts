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
export const TEXT = readFileSync(new URL("./campaign/message.txt", import.meta.url), "utf8");
/** Places that differ from message to message. */
export const SLOTS = [SUBJECT, HTML, TEXT, ...HEADERS.map(({ value }) => value)].join("").split("{{").length - 1;

const FIRST_NAMES = ["Zoé", "François", "Anna", "Jürgen", "Maëlle", "Tom", "Noémie", "Louis"];
const LAST_NAMES = ["Lefèvre", "Smith", "García", "Dubois", "Müller", "O'Neil", "Besançon"];
const CITIES = ["Besançon", "Lyon", "Orléans", "London", "Nîmes", "Leeds"];

export type Person = Readonly<Record<(typeof COLUMNS)[number], string>>;
const COLUMNS = ["email", "first_name", "last_name", "city", "shop", "points", "customer", "token", "expires"] as const;

export function person(n: number): Person {
  const city = CITIES[n % CITIES.length] ?? "";
  return {
    email: `member-${n}@${domainOf(n)}`,
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

/** The recipient domain of the n-th member, and all of them in the order of their ports. */
function domainOf(n: number): string {
  return `destination-${n % DOMAINS}.example`;
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

export function* members(count: number): Generator<Person> {
  for (let n = 0; n < count; n++) yield person(n);
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
): CreateDelivery {
  return {
    label,
    content: { subject: SUBJECT, html: HTML, text: TEXT, syntax: "liquid" },
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
