/** Renders a delivery for somebody before anything is sent: the renderer of sending, with tokens that count nothing. */
import { compileContent, type CompiledContent } from "../../core/message/compile-content.ts";
import { composeMessage, renderParts, type ComposeError } from "../../core/message/compose-message.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import type { MessageFacts } from "../../core/message/message-facts.ts";
import { messageUrls } from "../../core/tracking/message-urls.ts";
import type { TokenKey } from "../../core/tracking/token.ts";
import type { Instant } from "../../core/time.ts";
import type { ContentProblem, Delivery, Preview } from "../../contract/index.ts";
import type { Db } from "../../platform/db.ts";
import { type ContentDeps, encodeAttachments, loadEnvironment, prepareContent } from "../content/index.ts";

export type Subject = Pick<Preview, "recipient" | "case" | "attributes">;
export type PreviewedDelivery = Pick<Delivery, "id" | "label" | "content" | "sender" | "settings">;
export type PreviewDeps = ContentDeps & { readonly tokenKey: () => Promise<TokenKey>; readonly now: () => Instant };

type Ready = { readonly kind: "ready"; readonly manifest: Manifest; readonly content: CompiledContent };

/** The manifest that messages are made from, or what it would be now. */
export async function loadManifest(
  db: Db,
  delivery: PreviewedDelivery,
  frozen: Manifest | null,
  { publicUrl, codec }: ContentDeps,
): Promise<Ready | { readonly kind: "errors"; readonly errors: readonly ContentProblem[] }> {
  const prepared = frozen === null ? await prepareNow(db, delivery, publicUrl) : { manifest: frozen, images: [] };
  if ("errors" in prepared) return prepared;
  const files = await encodeAttachments(db, prepared.manifest, prepared.images);
  const compiled = compileContent(prepared.manifest, { internal: true, codec, files });
  return compiled.kind === "errors"
    ? compiled
    : { kind: "ready", manifest: prepared.manifest, content: compiled.content };
}

async function prepareNow(db: Db, delivery: PreviewedDelivery, publicUrl: string) {
  return prepareContent(delivery, await loadEnvironment(db, delivery.settings, publicUrl));
}

export async function previewDelivery(
  db: Db,
  delivery: PreviewedDelivery,
  frozen: Manifest | null,
  subjects: readonly Subject[],
  deps: PreviewDeps,
): Promise<Preview[]> {
  const loaded = await loadManifest(db, delivery, frozen, deps);
  if (loaded.kind === "errors") {
    const [first] = loaded.errors;
    return subjects.map((subject) => failed(subject, first ?? null));
  }
  const key = await deps.tokenKey();
  const base = loaded.manifest.publicUrl;
  const urls = messageUrls({ base, key, deliveryId: Number(delivery.id), partId: 0, seq: 0, mark: "preview" });
  return subjects.map((subject) =>
    render(loaded.content, subject, {
      key: "0-0",
      deliveryId: delivery.id,
      deliveryLabel: delivery.label,
      at: deps.now(),
      recipient: subject.recipient,
      urls,
    }),
  );
}

function render(content: CompiledContent, subject: Subject, facts: MessageFacts): Preview {
  const vars = { ...subject.attributes, email: subject.recipient };
  const missing = new Set<string>();
  const parts = renderParts(content, vars, facts, missing);
  const composed = composeMessage(content, vars, facts, missing);
  if (parts.kind === "error") return failed(subject, problemOf(parts));
  if (composed.kind === "error") return failed(subject, problemOf(composed));
  return {
    ...subject,
    subject: parts.subject,
    from: parts.from.name === "" ? parts.from.address : `${parts.from.name} <${parts.from.address}>`,
    replyTo: parts.replyTo,
    html: parts.html,
    text: parts.text,
    headers: composed.headers.map(({ name, text }) => ({ name, value: unfold(text.slice(name.length + 1)) })),
    size: composed.sizeBytes,
    missing: [...missing],
    error: null,
  };
}

function unfold(value: string): string {
  return value.replace(/\r\n/g, "").trim();
}

function problemOf({ part, code, message }: ComposeError): ContentProblem {
  return { part, line: 1, column: 1, code, message };
}

function failed(subject: Subject, error: ContentProblem | null): Preview {
  return {
    ...subject,
    subject: "",
    from: "",
    replyTo: "",
    html: null,
    text: null,
    headers: [],
    size: 0,
    missing: [],
    error,
  };
}
