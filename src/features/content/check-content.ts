/** What is wrong with a delivery's content as it is saved. It keeps nobody from saving: people save half-done content. */
import { compileContent } from "../../core/message/compile-content.ts";
import type { Codec } from "../../core/message/charset.ts";
import type { ContentProblem } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadEnvironment } from "./environment.ts";
import { prepareContent } from "./prepare-content.ts";
import type { DeliveryContent } from "./read-parts.ts";

export type ContentDeps = {
  /** Base of all public links. */
  readonly publicUrl: string;
  readonly codec: Codec;
};

export async function checkContent(
  db: Queryable,
  delivery: DeliveryContent,
  { publicUrl, codec }: ContentDeps,
): Promise<ContentProblem[]> {
  const environment = await loadEnvironment(db, delivery.settings, publicUrl);
  const prepared = await prepareContent(delivery, environment);
  if (prepared.kind === "errors") return [...prepared.errors];
  const compiled = compileContent(prepared.manifest, { internal: true, codec });
  return [...(compiled.kind === "errors" ? compiled.errors : []), ...prepared.warnings];
}
