/** One question to c-ares: a name that is missing, a name without such records and a resolver that fails are three things. */
import { BADNAME, NODATA, NOTFOUND } from "node:dns";

import { errorCode, errorText } from "../../platform/errors.ts";

export type Records<T> =
  /** At least one. */
  | { readonly kind: "records"; readonly records: readonly T[] }
  | { readonly kind: "no-records" }
  | { readonly kind: "no-such-name" }
  | { readonly kind: "failed"; readonly detail: string };

export async function ask<T>(query: () => Promise<T[]>): Promise<Records<T>> {
  try {
    const records = await query();
    return records.length > 0 ? { kind: "records", records } : { kind: "no-records" };
  } catch (error) {
    const code = errorCode(error);
    if (code === NODATA) return { kind: "no-records" };
    if (code === NOTFOUND || code === BADNAME) return { kind: "no-such-name" };
    return { kind: "failed", detail: code ?? errorText(error) };
  }
}

/** As DNS compares names: lower case, without the dot of the root. */
export function canonical(name: string): string {
  return name.toLowerCase().replace(/\.+$/, "");
}
