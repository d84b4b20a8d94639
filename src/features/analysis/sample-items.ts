/**
 * Renders a few real recipients: a template that does not end, a value that is missing at run time, a character that the charset does
 * not have show here, not while sending.
 */
import type { Codec } from "../../core/message/charset.ts";
import { type CompiledContent, findUnencodable } from "../../core/message/compile-content.ts";
import { type ComposeError, composeMessage, renderParts } from "../../core/message/compose-message.ts";
import type { MessageUrls } from "../../core/tracking/message-urls.ts";
import type { Instant } from "../../core/time.ts";
import type { ChecklistItem } from "../../contract/index.ts";
import { partName } from "./checks.ts";
import type { Sample } from "./facts-store.ts";

type Delivery = {
  readonly id: number;
  readonly label: string;
  readonly compiled: CompiledContent;
  readonly codec: Codec;
  readonly at: Instant;
};

/** The messages are not made yet: what their links will be is of no importance here. */
const NO_URLS: MessageUrls = {
  click: (_, url) => url ?? "https://link.invalid/",
  open: () => "https://open.invalid/",
  mirror: () => "https://mirror.invalid/",
  unsubscribe: () => "https://unsubscribe.invalid/",
  // As long as they get: it has to fit into the return path.
  tag: () => "sampletagsampletagsample",
  unsubscribeTag: () => "sampletagsampletagsample",
};
const EXAMPLES = 20;

/** `reported`: attributes that are known to be missing for some. `sizes`: bytes of the messages, as far as they could be made. */
export function sampleItems(
  delivery: Delivery,
  samples: readonly Sample[],
  reported: ReadonlySet<string>,
): { readonly items: ChecklistItem[]; readonly sizes: readonly number[] } {
  const { compiled, codec } = delivery;
  const missing = new Map<string, number>();
  const lost = new Map<string, Set<string>>();
  const sizes: number[] = [];
  for (const sample of samples) {
    const missingHere = new Set<string>();
    const facts = {
      key: "1-0",
      deliveryId: String(delivery.id),
      deliveryLabel: delivery.label,
      at: delivery.at,
      recipient: sample.address,
      urls: NO_URLS,
    };
    const vars = { ...sample.attributes, email: sample.address };
    const rendered = renderParts(compiled, vars, facts, missingHere);
    if (rendered.kind === "error") return { items: [failedItem(rendered, sample)], sizes };
    // Headers, error address, names of attachments: what only the whole message has.
    const composed = composeMessage(compiled, vars, facts, missingHere);
    if (composed.kind === "error") return { items: [failedItem(composed, sample)], sizes };
    sizes.push(composed.sizeBytes);
    for (const path of missingHere) {
      if (!reported.has(path)) missing.set(path, (missing.get(path) ?? 0) + 1);
    }
    for (const { part, characters, replacedBy } of findUnencodable(compiled, codec, rendered)) {
      const key = `${part} ${replacedBy}`;
      lost.set(key, new Set([...(lost.get(key) ?? []), ...Array.from(characters)]));
    }
  }
  return { items: [...missingItems(missing, samples.length), ...unencodableItems(lost, compiled.charset)], sizes };
}

function failedItem({ part, message }: ComposeError, { address }: Sample): ChecklistItem {
  return {
    id: "render-failed",
    level: "error",
    title: `${partName(part)} cannot be rendered for ${address}`,
    detail: message,
  };
}

function missingItems(missing: ReadonlyMap<string, number>, samples: number): ChecklistItem[] {
  return [...missing].map(([path, count]) => ({
    id: "value-missing",
    level: "info",
    title: `${path} has no value for ${count} of ${samples} sample recipients`,
    detail: "Their messages have nothing in its place. A default filter or a condition gives them something else.",
  }));
}

function unencodableItems(lost: ReadonlyMap<string, ReadonlySet<string>>, charset: string): ChecklistItem[] {
  return [...lost].map(([key, characters]) => {
    const [part = "", replacedBy = ""] = key.split(" ");
    const examples = [...characters].slice(0, EXAMPLES).join(" ");
    const instead =
      replacedBy === "?" ? "question marks" : "character references, which mail clients show as they are meant";
    return {
      id: "charset-unencodable",
      level: "warning",
      title: `${partName(part)} has characters that ${charset} does not have`,
      detail: `${examples} go out as ${instead}. UTF-8 has all of them.`,
    };
  });
}
