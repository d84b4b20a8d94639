/**
 * Believable people for demos, tests and benchmarks: person number `i` of a seed is always the same one. All addresses end in
 * `.example` or `.test` (RFC 2606), so nobody real is ever addressed; domains are weighted like a consumer audience.
 */
import { hashOf } from "./hash.ts";
import { type Locale, LOCALES } from "./names.ts";

export type Person = {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly city: string;
  readonly country: string;
  readonly language: string;
  readonly points: number;
  readonly segment: "new" | "bronze" | "silver" | "gold";
};

export const PERSON_COLUMNS = [
  "email",
  "first_name",
  "last_name",
  "city",
  "country",
  "language",
  "points",
  "segment",
] as const satisfies readonly (keyof Person)[];

type Weighted<T> = readonly (readonly [weight: number, value: T])[];

const DOMAINS: Weighted<string | null> = [
  [560, "gomail.example"],
  [50, "googolmail.example"],
  [100, "outmail.example"],
  [30, "warmmail.example"],
  [70, "yoomail.example"],
  [40, "poire.example"],
  [15, "acme.example"],
  [10, "globex.example"],
  [8, "initech.example"],
  [6, "umbra.example"],
  [5, "hooli.example"],
  [4, "vandelay.example"],
  [70, null],
];

/** Domains that people of one country prefer, before the others. */
const AT_HOME: Readonly<Record<string, { readonly share: number; readonly domains: readonly string[] }>> = {
  FR: { share: 0.22, domains: ["mandarine.example", "mandarine.example", "dorado.example"] },
  DE: { share: 0.25, domains: ["gmq.example", "netz.example"] },
};

const SMALL_A = [
  "bakery",
  "studio",
  "garage",
  "orchard",
  "harbour",
  "library",
  "atelier",
  "clinic",
  "school",
  "notary",
];
const SMALL_B = ["north.example", "lakeside.test", "oldtown.example", "family.test"];
const LOCAL_FORMS: Weighted<(first: string, last: string) => string> = [
  [50, (first, last) => `${first}.${last}`],
  [20, (first, last) => `${first}${last}`],
  [15, (first, last) => `${first.slice(0, 1)}.${last}`],
  [10, (first, last) => `${last}_${first}`],
  [5, (first, last) => `${first}+${last}`],
];

const LOCALE_WEIGHTS: Weighted<Locale> = LOCALES.map((locale) => [locale.weight, locale]);

export function personAt(seed: number, i: number): Person {
  const next = dice(hashOf(`${seed}:${i}`));
  const locale = choose(LOCALE_WEIGHTS, next());
  const first = split(one(locale.first, next()));
  const last = split(one(locale.last, next()));
  const points = Math.floor(next() ** 3 * 5000);
  const local = choose(LOCAL_FORMS, next())(first.ascii, last.ascii);
  return {
    // the number makes it unique within the seed
    email: `${local}${i}@${domainFor(locale, next(), next())}`,
    first_name: first.name,
    last_name: last.name,
    city: one(locale.cities, next()),
    country: locale.country,
    language: locale.language,
    points,
    segment: points < 20 ? "new" : points < 500 ? "bronze" : points < 2000 ? "silver" : "gold",
  };
}

function domainFor(locale: Locale, first: number, second: number): string {
  const home = AT_HOME[locale.country];
  if (home && first < home.share) return one(home.domains, second);
  return choose(DOMAINS, second) ?? `${one(SMALL_A, first)}-${one(SMALL_B, (first * 997) % 1)}`;
}

/** One CSV record with its line end (RFC 4180); quotes only where needed. */
export function csvRecord(values: readonly (string | number)[]): string {
  const field = (value: string | number) => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${values.map(field).join(",")}\r\n`;
}

function split(entry: string): { readonly name: string; readonly ascii: string } {
  const [name = "", ascii] = entry.split("|");
  return {
    name,
    ascii:
      ascii ??
      name
        .normalize("NFD")
        .toLowerCase()
        .replace(/[^a-z]/g, ""),
  };
}

function one<T>(values: readonly T[], at: number): T {
  return values[Math.floor(at * values.length)] as T;
}

function choose<T>(choices: Weighted<T>, at: number): T {
  let left = at * choices.reduce((sum, [weight]) => sum + weight, 0);
  const found = choices.find(([weight]) => (left -= weight) < 0) ?? choices[choices.length - 1];
  return (found as readonly [number, T])[1];
}

/** Numbers 0 ≤ n < 1 from a seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
