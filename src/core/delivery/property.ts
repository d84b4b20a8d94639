/**
 * What a property of a delivery is: the type of its value, what it is when nobody says anything, and where it acts. The table is
 * in `properties.ts`; the checks of the API, the screens and the documentation follow from it.
 */

/** As the screens group them, in their order. */
export const PROPERTY_GROUPS = [
  "general",
  "content",
  "sender",
  "delivery",
  "retries",
  "smtp",
  "validity",
  "typology",
  "tracking",
  "proofs",
  "approval",
  "variables",
] as const;
export type PropertyGroup = (typeof PROPERTY_GROUPS)[number];

export type PropertyType =
  | { readonly kind: "switch" }
  /** `90s`, `20m`, `36h`, `5d`. */
  | { readonly kind: "duration" }
  /** `5s`; `0s` for no limit. */
  | { readonly kind: "seconds" }
  | { readonly kind: "choice"; readonly options: readonly [string, ...string[]] }
  | { readonly kind: "number"; readonly least: number; readonly most: number }
  /** `trim`: without blanks at its ends. */
  | { readonly kind: "text"; readonly least?: number; readonly most: number; readonly trim?: true }
  /** http or https. */
  | { readonly kind: "url" }
  /** RFC 3339 with `Z` or an offset. */
  | { readonly kind: "instant" }
  /** The id of something that is kept elsewhere. */
  | { readonly kind: "id"; readonly of: string }
  /** A list or an object: one value, written out in the contract under this name. */
  | { readonly kind: "shape"; readonly name: string };

export type Property = {
  readonly group: PropertyGroup;
  readonly type: PropertyType;
  /** Filled in when neither the delivery nor its template says anything. */
  readonly default?: unknown;
  /** There is no delivery without it. */
  readonly required?: true;
  /** Without a default: what counts then. */
  readonly otherwise?: string;
  /** A setting of the platform that counts when nothing is said, by its path. */
  readonly platform?: string;
  /** What it does, and where. */
  readonly acts: string;
  /** Only a way to write another property. */
  readonly writes?: string;
  /** Deliveries have none. */
  readonly only?: "templates";
};

/** Properties by name; one level deeper, those that count one by one under a common name. */
export type PropertyTree = { readonly [name: string]: Property | { readonly [name: string]: Property } };

/** Types that many properties have. */
export const onOff = { kind: "switch" } as const;
export const duration = { kind: "duration" } as const;
export const text = (most: number) => ({ kind: "text", most }) as const;
export const shape = <N extends string>(name: N) => ({ kind: "shape", name }) as const;

export function isProperty(entry: Property | { readonly [name: string]: Property }): entry is Property {
  return typeof entry.acts === "string";
}

/** Each with its path, in the order of the table. */
export function flatten(tree: PropertyTree, prefix: string): (readonly [path: string, property: Property])[] {
  return Object.entries(tree).flatMap(([name, entry]) =>
    isProperty(entry)
      ? [[`${prefix}${name}`, entry] as const]
      : Object.entries(entry).map(([inner, property]) => [`${prefix}${name}.${inner}`, property] as const),
  );
}

/** The names under which properties of a tree count one by one. */
export function groupNames(tree: PropertyTree): string[] {
  return Object.entries(tree).flatMap(([name, entry]) => (isProperty(entry) ? [] : [name]));
}
