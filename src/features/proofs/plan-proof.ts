/** Which messages a proof has: every reader with every person whose data is shown. Nothing is looked up or written here. */
import { parseAddress } from "../../core/address/parse-address.ts";
import { fillSeed } from "../../core/population/seeds.ts";
import type { FieldError } from "../../platform/errors.ts";

/** More are no proof any more but a delivery. */
export const PROOF_MAX = 100;

/** Somebody whose data is shown: a recipient, or, without an id, a row of the file that is the target. */
export type Shown = {
  readonly id: number | null;
  readonly match_key: string;
  readonly attributes: Record<string, unknown>;
};

export type Reader = { readonly address: string; readonly domain: string; readonly matchKey: string };

export type ProofMessage = {
  readonly address: string;
  readonly domain: string;
  /** Whose data it shows; null: nobody's. */
  readonly person: Pick<Shown, "id" | "match_key"> | null;
  readonly vars: Readonly<Record<string, unknown>>;
};

export type Addresses =
  | { readonly kind: "addresses"; readonly readers: readonly Reader[] }
  | { readonly kind: "errors"; readonly errors: readonly FieldError[] };

export function readAddresses(texts: readonly string[], pointer: string): Addresses {
  const errors: FieldError[] = [];
  const readers: Reader[] = [];
  for (const [index, text] of texts.entries()) {
    const result = parseAddress(text);
    if (result.kind === "valid") {
      readers.push({ address: result.address, domain: result.domain, matchKey: result.matchKey });
      continue;
    }
    const message = result.kind === "empty" ? "An address is needed" : `The address ${result.reason}`;
    errors.push({ pointer: `${pointer}/${index}`, code: "invalid-address", message });
  }
  return errors.length > 0 ? { kind: "errors", errors } : { kind: "addresses", readers };
}

/** `shown` null: each reader sees their own data, if they are one of `own`. `names`: the attributes that the content uses. */
export function planMessages(
  readers: readonly Reader[],
  shown: readonly Shown[] | null,
  own: readonly Shown[],
  names: readonly string[],
): ProofMessage[] {
  const byKey = new Map(own.map((person) => [person.match_key, person]));
  return readers.flatMap(({ address, domain, matchKey }) =>
    (shown ?? [byKey.get(matchKey) ?? null]).map((person) => ({
      address,
      domain,
      person: person === null ? null : { id: person.id, match_key: person.match_key },
      vars: person === null ? {} : pick(person.attributes, names),
    })),
  );
}

export type ProofSeed = { readonly id: number; readonly address: string; readonly attributes: Record<string, unknown> };

/** A seed shows what it says itself, and for the rest what one of these people has: one who has it all, if there is one. */
export function planSeedMessages(
  seeds: readonly ProofSeed[],
  people: readonly Shown[],
  names: readonly string[],
): ProofMessage[] {
  return seeds.flatMap(({ id, address, attributes }) => {
    const reader = parseAddress(address);
    if (reader.kind !== "valid") return [];
    const fill = (donors: readonly Shown[]) =>
      fillSeed(
        attributes,
        names,
        donors.map((donor) => donor.attributes),
        `proof:${id}`,
      );
    const filled = people.map((donor) => ({ donor, vars: fill([donor]) }));
    const best = filled.toSorted((a, b) => Object.keys(b.vars).length - Object.keys(a.vars).length)[0];
    const own = fill([]);
    const needs = best !== undefined && Object.keys(best.vars).length > Object.keys(own).length;
    const person = needs ? { id: best.donor.id, match_key: best.donor.match_key } : null;
    return [{ address: reader.address, domain: reader.domain, person, vars: needs ? best.vars : own }];
  });
}

function pick(attributes: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const has = (name: string) => Object.hasOwn(attributes, name) && attributes[name] !== null;
  return Object.fromEntries(names.filter(has).map((name) => [name, attributes[name]]));
}
