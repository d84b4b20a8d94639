/** What is wrong with a delivery's content as it is saved. It keeps nobody from saving: people save half-done content. */
import { compileContent, type CompiledContent } from "../../core/message/compile-content.ts";
import type { Codec } from "../../core/message/charset.ts";
import type { ContentProblem } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadEnvironment } from "./environment.ts";
import { prepareContent, type Prepared } from "./prepare-content.ts";
import type { DeliveryContent } from "./read-parts.ts";

export type ContentDeps = {
  /** Base of all public links. */
  readonly publicUrl: string;
  readonly codec: Codec;
};

export async function checkContent(
  db: Queryable,
  delivery: DeliveryContent,
  deps: ContentDeps,
): Promise<ContentProblem[]> {
  const read = await readContent(db, delivery, deps);
  return read.kind === "errors" ? [...read.errors] : [...read.prepared.unknown, ...read.prepared.warnings];
}

export type ReadContent =
  | { readonly kind: "read"; readonly prepared: Prepared; readonly compiled: CompiledContent }
  | { readonly kind: "errors"; readonly errors: readonly ContentProblem[] };

/** Prepared with the platform as it is now, and compiled; or all that keeps it from being sent. */
export async function readContent(
  db: Queryable,
  delivery: DeliveryContent,
  { publicUrl, codec }: ContentDeps,
): Promise<ReadContent> {
  const prepared = await prepareContent(delivery, await loadEnvironment(db, delivery.settings, publicUrl));
  if (prepared.kind === "errors") return prepared;
  const compiled = compileContent(prepared.manifest, { internal: true, codec });
  if (compiled.kind === "compiled") return { kind: "read", prepared, compiled: compiled.content };
  const errors = compiled.errors.map(({ part, line, column, code, message }) => ({
    part,
    line,
    column,
    code,
    message,
  }));
  return { kind: "errors", errors };
}
