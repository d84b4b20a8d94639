/**
 * Where a delivery's values come from. What its template said is kept with the delivery as it was when the delivery was
 * made, so that no later change of the template changes anything. A value is the delivery's own when it is another than what
 * it would be without: so a form that sends back all that it was shown makes nothing its own.
 */
import { PROPERTIES } from "./properties.ts";
import type { Property } from "./property.ts";

export type Origin = "platform" | "template" | "delivery";

/** What a template said, only what it set: by path as properties are called. */
export type Inherited = { readonly [path: string]: unknown };

type Fields = Readonly<Record<string, unknown>>;

/** Undefined: nothing is said. */
export function readProperty(fields: object, path: string): unknown {
  let at: unknown = fields;
  for (const step of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Fields)[step];
  }
  return at ?? undefined;
}

/** The same fields with another value there; undefined: with none. Nothing that was there before changes. */
export function writeProperty<T extends object>(fields: T, path: string, value: unknown): T {
  const [step = "", ...rest] = path.split(".");
  const copy = new Map(Object.entries(fields));
  if (rest.length > 0) copy.set(step, writeProperty((copy.get(step) ?? {}) as object, rest.join("."), value));
  else if (value === undefined) copy.delete(step);
  else copy.set(step, value);
  return Object.fromEntries(copy) as T;
}

/** What is set in these fields, by path. */
export function collectSet(fields: object): Inherited {
  const set = [...PROPERTIES.keys()].flatMap((path) => {
    const value = readProperty(fields, path);
    return value === undefined ? [] : [[path, value] as const];
  });
  return Object.fromEntries(set);
}

export type Traced = {
  /** Undefined: nothing is said; then `otherwise`, or the platform's setting, counts. */
  readonly value: unknown;
  readonly origin: Origin;
  /** What it would be if the delivery said nothing, and who says so. */
  readonly inherited: unknown;
  readonly from: Exclude<Origin, "delivery">;
};

export function traceProperty(path: string, property: Property, fields: object, inherited: Inherited): Traced {
  const value = readProperty(fields, path);
  const hasTemplate = Object.hasOwn(inherited, path);
  const below = hasTemplate ? inherited[path] : property.default;
  const from = hasTemplate ? "template" : "platform";
  return { value, origin: isSame(value, below) ? from : "delivery", inherited: below, from };
}

/** Whatever the order of names; a field without a value is none. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(own(a, name), own(b, name)));
}

const own = (fields: object, name: string) => (Object.hasOwn(fields, name) ? (fields as Fields)[name] : undefined);
