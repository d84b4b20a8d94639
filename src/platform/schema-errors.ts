/** What a schema has against something, as the errors of fields that the API answers with. */
import type { FieldError } from "./errors.ts";

type Issue = { readonly path: readonly PropertyKey[]; readonly code: string; readonly message: string };

export function schemaErrors({ issues }: { readonly issues: readonly Issue[] }): FieldError[] {
  return issues.map(({ path, code, message }) => ({
    pointer: path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    code: code.replaceAll("_", "-"),
    message,
  }));
}
