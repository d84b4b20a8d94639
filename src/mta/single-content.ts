/** What a single message has of its own: its date, and perhaps its content. Everything else is its carrier's. */
import { singleFactsOf } from "../core/delivery/single.ts";
import { compileContent, type CompiledContent } from "../core/message/compile-content.ts";
import type { Codec } from "../core/message/charset.ts";
import type { Manifest } from "../core/message/manifest.ts";
import type { Instant } from "../core/time.ts";
import { encodeFiles } from "../features/files/index.ts";
import type { Db } from "../platform/db.ts";

/** By id; rejects when the database is away. */
export type LoadContent = (id: number) => Promise<CompiledContent>;

/** Those that were used last: most messages of a carrier say the same, and those that do not are sent once. */
const KEPT = 64;

export function createContentLoader(db: Db, { codec }: { readonly codec: Codec }): LoadContent {
  const known = new Map<number, Promise<CompiledContent>>();
  return (id) => {
    const content = known.get(id) ?? loadContent(db, id, codec);
    known.delete(id);
    known.set(id, content);
    content.catch(() => known.delete(id));
    if (known.size > KEPT) known.delete(known.keys().next().value ?? 0);
    return content;
  };
}

async function loadContent(db: Db, id: number, codec: Codec): Promise<CompiledContent> {
  const [row] = await db.query<{ manifest: Manifest }>("select manifest from message_contents where id = $1", [id]);
  if (!row) throw new Error(`there is no content ${id}`);
  const files = await encodeFiles(
    db,
    row.manifest.attachments.map(({ fileId }) => fileId),
  );
  const compiled = compileContent(row.manifest, { internal: true, codec, files });
  if (compiled.kind === "compiled") return compiled.content;
  throw new Error(`the content does not compile: ${compiled.errors[0]?.message}`);
}

type Seen = {
  readonly id: number;
  readonly at: Instant;
  readonly content: CompiledContent;
  readonly loadContent: LoadContent | null;
};

/** The delivery as this message has it. */
export async function seenBySingle<D extends Seen>(delivery: D, vars: Readonly<Record<string, unknown>>): Promise<D> {
  const own = delivery.loadContent === null ? null : singleFactsOf(vars);
  if (own === null || delivery.loadContent === null) return delivery;
  if (own.content === null) return { ...delivery, at: own.at };
  // Its links are numbered by themselves: their tokens name the content.
  return { ...delivery, at: own.at, id: own.content, content: await delivery.loadContent(own.content) };
}
