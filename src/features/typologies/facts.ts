/** What expressions can know of a delivery. */
import { type Audience, type Settings } from "../../contract/index.ts";
import { estimateSize } from "../../core/message/compile-content.ts";
import { type Instant, parseDuration } from "../../core/time.ts";
import type { Facts } from "../../core/typology/language/evaluate.ts";
import type { Value } from "../../core/typology/language/nodes.ts";
import type { FactName } from "../../core/typology/language/vocabulary.ts";
import { type DeliveryContent, findImages, type ReadContent } from "../content/index.ts";
import { offsetIn } from "./ground.ts";

export type JudgedDelivery = DeliveryContent & {
  readonly id: number;
  readonly label: string;
  readonly audience: Audience;
  readonly template_id: number | null;
  readonly created_at: Instant;
};

export type Counts = {
  readonly targeted: number;
  readonly toDeliver: number;
  readonly excluded: Readonly<Record<string, number>>;
};

type Values = Partial<Record<FactName, Value>>;

/** `counts`: null before the target is known. Of content with errors only what was written is known. */
export function factsOf(delivery: JudgedDelivery, content: ReadContent, counts: Counts | null, now: Instant): Facts {
  const { settings } = delivery;
  return {
    values: {
      now,
      ...deliveryFacts(delivery),
      ...senderFacts(delivery),
      ...contentFacts(delivery),
      ...(content.kind === "read" ? messageFacts(delivery, content) : {}),
      ...(counts === null ? {} : countFacts(counts)),
    },
    headers: new Map(settings.headers.map(({ name, value }) => [name.toLowerCase(), value])),
    variables: new Map(Object.entries(settings.variables)),
    excluded: new Map(Object.entries(counts?.excluded ?? {})),
    offsetIn,
  };
}

function deliveryFacts({ id, label, template_id, created_at, audience, settings }: JudgedDelivery): Values {
  const { nature, mode, priority, format, mirror, tracking } = settings;
  return {
    "delivery.id": String(id),
    "delivery.label": label,
    "delivery.createdAt": created_at,
    "delivery.nature": nature,
    "delivery.mode": mode,
    "delivery.priority": priority,
    "delivery.pool": settings.pool ?? "",
    "delivery.template": template_id === null ? "" : String(template_id),
    "delivery.format": format,
    "delivery.charset": settings.charset.toLowerCase(),
    "delivery.mirror": mirror,
    "delivery.validity": parseDuration(settings.validity) ?? 0,
    "delivery.speed": settings.speed ?? 0,
    "delivery.tracksClicks": tracking.clicks,
    "delivery.tracksOpens": tracking.opens,
    "delivery.listUnsubscribe": settings.listUnsubscribe && nature === "marketing",
    "delivery.archives": settings.archive.on,
    "delivery.audience": Object.keys(audience)[0] ?? "",
    // Deliveries that were saved before there were such rules have none.
    "delivery.exclusions": (settings.exclude as Settings["exclude"] | undefined)?.length ?? 0,
  };
}

function senderFacts({ sender }: JudgedDelivery): Values {
  return {
    "sender.name": sender.name,
    "sender.address": sender.address,
    "sender.domain": sender.address.slice(sender.address.lastIndexOf("@") + 1).toLowerCase(),
    "sender.replyTo": sender.replyTo ?? "",
    "sender.errorAddress": sender.errorAddress ?? "",
  };
}

function contentFacts({ content, settings }: JudgedDelivery): Values {
  const html = content.html ?? "";
  return {
    "content.subject": content.subject,
    "content.html": html,
    "content.hasHtml": html.trim() !== "",
    "content.headers": settings.headers.map(({ name }) => name),
  };
}

function messageFacts({ content }: JudgedDelivery, { prepared, compiled }: ReadContent & { kind: "read" }): Values {
  const { links, attachments, html, text } = prepared.manifest;
  const images = html === null ? [] : findImages(html);
  const attachmentSize = attachments.reduce((sum, { size }) => sum + size, 0);
  const has = (mode: string) => links.some((link) => link.mode === mode);
  return {
    "content.text": content.text?.trim() ? content.text : (text ?? ""),
    "content.hasText": text !== null,
    // Base64 makes four characters of three bytes.
    "content.size": estimateSize(compiled) + Math.ceil(attachmentSize / 3) * 4,
    "content.links": links.map(({ url }) => url),
    "content.trackedLinks": links.filter(({ mode }) => mode === "tracked").map(({ url }) => url),
    "content.hasUnsubscribeLink": has("opt-out"),
    "content.hasMirrorLink": has("mirror"),
    "content.images": images.map(({ url }) => url),
    "content.imagesWithoutAlt": images.filter(({ hasAlt }) => !hasAlt).length,
    "content.attachments": attachments.filter(({ contentId }) => contentId === null).map(({ name }) => name),
    "content.attachmentSize": attachmentSize,
    "content.attributes": [...new Set(compiled.attributes.map(({ name }) => name))],
  };
}

function countFacts({ targeted, toDeliver }: Counts): Values {
  return {
    "counts.targeted": targeted,
    "counts.toDeliver": toDeliver,
    "counts.excluded": targeted - toDeliver,
  };
}
