/** Seed addresses: what their messages say, and where among the others they stand. */
import { chanceOf } from "./chance.ts";

type Attributes = Readonly<Record<string, unknown>>;

/**
 * What a seed's message is made of: what the seed says itself, and for the rest what a real recipient has: one person for all of it where one has
 * it all, so that first name and gender go together. What no donor has stays away.
 */
export function fillSeed(
  given: Attributes,
  names: readonly string[],
  donors: readonly Attributes[],
  chance: string,
): Record<string, unknown> {
  const start = Math.floor(chanceOf(chance) * donors.length);
  const inOrder = [...donors.slice(start), ...donors.slice(0, start)];
  const missing = names.filter((name) => !hasValue(given, name));
  const best = inOrder.find((donor) => missing.every((name) => hasValue(donor, name)));
  const values = names.flatMap((name): [string, unknown][] => {
    if (!missing.includes(name)) return [[name, given[name]]];
    const donor = best ?? inOrder.find((each) => hasValue(each, name));
    return donor === undefined ? [] : [[name, donor[name]]];
  });
  return Object.fromEntries(values);
}

function hasValue(attributes: Attributes, name: string): boolean {
  if (!Object.hasOwn(attributes, name)) return false;
  const value = attributes[name];
  return value !== null && value !== undefined && value !== "";
}

export type Position = "spread" | "first" | "last";

/** Seeds that go together, before the part with this number (from 0; `parts`: after all). */
export type SeedSlot<S> = { readonly before: number; readonly seeds: readonly S[] };

/** In the order of their places. `most`: seeds in one part. */
export function placeSeeds<S extends { readonly id: number }>(
  seeds: readonly S[],
  parts: number,
  { position, chance, most }: { readonly position: Position; readonly chance: string; readonly most: number },
): SeedSlot<S>[] {
  const placeOf = (seed: S) => {
    if (position === "first") return 0;
    return position === "last" ? parts : Math.floor(chanceOf(`${chance}:place:${seed.id}`) * (parts + 1));
  };
  const places = Map.groupBy(seeds, placeOf);
  return [...places]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([before, together]) =>
      Array.from({ length: Math.ceil(together.length / most) }, (_, n) => ({
        before,
        seeds: together.slice(n * most, (n + 1) * most),
      })),
    );
}
