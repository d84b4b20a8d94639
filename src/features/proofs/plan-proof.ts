/** Which messages a proof has: every reader with every person whose data is shown. Nothing is looked up or written here. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { FieldError } from "../../platform/errors.ts";

/** More are no proof any more but a delivery. */
export const PROOF_MAX = 100;

/** A recipient whose data is shown. */
export type Shown = { readonly id: number; readonly match_key: string; readonly attributes: Record<string, unknown> };

export type Reader = { readonly address: string; readonly domain: string; readonly matchKey: string };

export type ProofMessage = {
  readonly address: string;
  readonly domain: string;
  /** Null: nobody's. */
  readonly recipientId: number | null;
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
      recipientId: person?.id ?? null,
      vars: person === null ? {} : pick(person.attributes, names),
    })),
  );
}

function pick(attributes: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const has = (name: string) => Object.hasOwn(attributes, name) && attributes[name] !== null;
  return Object.fromEntries(names.filter(has).map((name) => [name, attributes[name]]));
}
