/**
 * Where a delivery's values come from. What its template said is kept with the delivery as it was when the delivery was
 * made, so that no later change of the template changes anything. A value is the delivery's own when it is another than what
 * it would be without: so a form that sends back all that it was shown makes nothing its own.
 */
import { PROPERTIES } from "./properties.ts";
import type { Property, PropertyGroup } from "./property.ts";

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

/** A property as it is shown. Null: nothing is said. */
export type Traced = {
  readonly path: string;
  readonly group: PropertyGroup;
  readonly value: unknown;
  readonly origin: Origin;
  /** What it would be if it said nothing itself, and who says so; only where it says something else. */
  readonly inherited?: { readonly value: unknown; readonly origin: Origin };
};

/** All properties. `platform`: the settings that stand behind some. */
export function traceProperties(fields: object, inherited: Inherited, platform: object): Traced[] {
  return [...PROPERTIES]
    .filter(([, { writes, only }]) => writes === undefined && only === undefined)
    .map(([path, property]) => {
      // What was saved before there was such a property has its default.
      const value = readProperty(fields, path) ?? property.default;
      const below = valueBelow(path, property, inherited);
      const behind = (said: unknown) => (isSaid(said, property) ? said : platformValue(property, platform));
      const { group } = property;
      if (isSame(value, below.value)) return { path, group, value: behind(value), origin: below.origin };
      return {
        path,
        group,
        value: behind(value),
        origin: "delivery",
        inherited: { value: behind(below.value), origin: below.origin },
      };
    });
}

/** Of a template: what it sets is its own, also when it is the default. */
export function traceTemplate(fields: object, platform: object): Traced[] {
  return [...PROPERTIES]
    .filter(([, { writes }]) => writes === undefined)
    .map(([path, property]) => {
      const said = readProperty(fields, path);
      const below = {
        value: platformValue(property, platform) ?? property.default ?? null,
        origin: "platform",
      } as const;
      const { group } = property;
      return said === undefined
        ? { path, group, ...below }
        : { path, group, value: said, origin: "template", inherited: below };
    });
}

/** What a property is where the delivery says nothing about it. */
export function valueBelow(path: string, property: Property, inherited: Inherited): { value: unknown; origin: Origin } {
  if (Object.hasOwn(inherited, path)) return { value: inherited[path], origin: "template" };
  return { value: property.default, origin: "platform" };
}

/** An empty text says nothing where the platform has something to say. */
function isSaid(value: unknown, { platform }: Property): boolean {
  return value !== undefined && value !== null && (value !== "" || platform === undefined);
}

function platformValue({ platform }: Property, settings: object): unknown {
  const value = platform === undefined ? null : (readProperty(settings, platform) ?? null);
  return value === "" ? null : value;
}

/** With other values of some properties; null: what `below` says. `unknown`: what of the wish is no property. */
export function changeProperties<T extends object>(
  fields: T,
  below: (path: string, property: Property) => unknown,
  wish: object,
): { readonly fields: T; readonly unknown: readonly string[] } {
  let changed = fields;
  const unknown: string[] = [];
  for (const [path, value] of Object.entries(wish)) {
    const property = PROPERTIES.get(path);
    if (property === undefined) unknown.push(path);
    else changed = writeProperty(changed, path, value === null ? below(path, property) : (value as unknown));
  }
  return { fields: changed, unknown };
}

/** Which of the wished properties there must be, and are not. */
export function missingProperties(fields: object, wish: object): string[] {
  return Object.keys(wish).filter((path) => PROPERTIES.get(path)?.required && readProperty(fields, path) === undefined);
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
