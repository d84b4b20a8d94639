/**
 * What the analysis has to say about content and target, as checklist items. Pure: facts in, items out. Errors block
 * confirmation, warnings do not.
 */
import { estimateSize, type CompiledContent } from "../../core/message/compile-content.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import type { ChecklistItem, ContentProblem, Settings } from "../../contract/index.ts";
import type { TargetCounts } from "./exclusions-store.ts";
import { isShown } from "./checks-content.ts";
import type { Coverage } from "./facts-store.ts";

/** A place that reads an attribute of the recipient. */
type UsedAttributeInPart = {
  readonly name: string;
  readonly path: string;
  readonly part: string;
  readonly line: number;
  readonly column: number;
};

/** Sizes from which a message suffers: slow on mobile, warned about by the incumbent, clipped by Gmail. */
const SIZE_STEPS = [
  {
    bytes: 102 * 1024,
    id: "size-102k",
    title: "The message is over 102 kB",
    detail: "Gmail shows only the beginning and hides the rest, often with the unsubscribe link.",
  },
  {
    bytes: 60 * 1024,
    id: "size-60k",
    title: "The message is over 60 kB",
    detail: "It loads slowly on mobile connections.",
  },
  {
    bytes: 35 * 1024,
    id: "size-35k",
    title: "The message is over 35 kB",
    detail: "Smaller messages load faster and are delivered faster.",
  },
];

export function contentErrorItems(errors: readonly ContentProblem[]): ChecklistItem[] {
  return errors.map((error) => ({
    id: `content-${error.code}`,
    level: "error",
    title: `${partName(error.part)}, line ${error.line}, column ${error.column}`,
    detail: error.message,
  }));
}

export function partName(part: string): string {
  if (part === "html") return "HTML part";
  if (part === "text") return "Text part";
  if (part === "from") return "Sender";
  if (part.startsWith("block:")) return `Block ${part.slice(6)}`;
  if (part === "replyTo") return "Reply-to address";
  if (part === "errorAddress") return "Error address";
  if (part.startsWith("attachment:")) return `Attachment ${Number(part.slice(11)) + 1}`;
  if (part.startsWith("header:")) return `Header ${part.slice(7)}`;
  return part.charAt(0).toUpperCase() + part.slice(1);
}

/** What can be sent and yet should be looked at. */
export function warningItems(warnings: readonly ContentProblem[]): ChecklistItem[] {
  return warnings.map(({ part, line, column, code, message }) => ({
    id: `content-${code}`,
    level: "warning",
    title: `${partName(part)}, line ${line}, column ${column}`,
    detail: message,
  }));
}

const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/i;
/** The incumbent recommends one. */
const ATTACHMENTS_MANY = 1;

export function contentItems(
  compiled: CompiledContent,
  manifest: Manifest,
  settings: Pick<Settings, "mirror" | "links">,
): ChecklistItem[] {
  const items: ChecklistItem[] = [];
  const warn = (id: string, title: string, detail: string) => items.push({ id, level: "warning", title, detail });
  const { links, attachments } = manifest;
  if (manifest.text === null) {
    warn("no-text-part", "There is no text part", "Spam filters and plain readers expect one beside the HTML.");
  }
  const body = `${manifest.html ?? ""}${manifest.text ?? ""}`;
  const pointsHere = links.some(({ mode }) => mode !== "not-tracked") || body.includes("message.open_url");
  if ((pointsHere || manifest.listUnsubscribe.header) && LOOPBACK.test(manifest.publicUrl)) {
    const detail = `Links, open pixel and unsubscribe lead to ${manifest.publicUrl}, which recipients cannot reach. ENVOI_PUBLIC_URL says where they can.`;
    items.push({ id: "public-url-local", level: "info", title: "Public links lead to this machine only", detail });
  }
  const toMirror = links.some(({ mode }) => mode === "mirror");
  if ((settings.mirror === "none" || settings.mirror === "message-id") && toMirror) {
    const detail = `The content links to the mirror page, and the mode "${settings.mirror}" lets nobody in by that link.`;
    warn("mirror-link-dead", "The link to the mirror page leads nowhere", detail);
  } else if (manifest.html === null && (settings.mirror === "force" || toMirror)) {
    warn("mirror-without-html", "There is no mirror page", "It is made of the HTML part, and there is none.");
  }
  const visible = links.find(
    ({ mode, part, label, url }) =>
      mode === "tracked" &&
      part === "html" &&
      /^(https?:\/\/|www\.)/i.test(label) &&
      // Without words a link is called by its address: that alone shows nothing.
      (!url.startsWith(label) || isShown(label, manifest.html ?? "")),
  );
  if (visible) {
    const detail = `HTML part, line ${visible.line}, column ${visible.column}: "${visible.label}" is shown, and the link leads over the tracking host. Write words instead, or do not track it.`;
    warn("link-shows-url", "A tracked link shows another address", detail);
  }
  for (const { url } of settings.links) {
    if (links.some((link) => link.url === url)) continue;
    warn(
      "link-rule-unused",
      "A rule for a link has no link",
      `The content has no link to ${url}; nothing follows from its rule.`,
    );
  }
  const real = attachments.filter(({ contentId }) => contentId === null);
  if (real.length > ATTACHMENTS_MANY) {
    warn(
      "attachments-many",
      `There are ${real.length} attachments`,
      "Each makes the message larger and more suspicious; one is the most that is recommended.",
    );
  }
  const size = estimateSize(compiled);
  const step = SIZE_STEPS.find((candidate) => size > candidate.bytes);
  if (step) warn(step.id, step.title, `${Math.round(size / 1024)} kB before personalisation. ${step.detail}`);
  return items;
}

/** Attributes that nobody has are errors at the place of use; those that some lack are warnings with numbers. */
export function attributeItems(
  attributes: readonly UsedAttributeInPart[],
  coverage: readonly Coverage[],
  toDeliver: number,
): ChecklistItem[] {
  return coverage.flatMap((entry): ChecklistItem[] => {
    const use = attributes.find((attribute) => attribute.name === entry.attribute);
    const place = use ? `${partName(use.part)}, line ${use.line}, column ${use.column}` : "";
    if (!entry.known) {
      return [
        {
          id: "unknown-attribute",
          level: "error",
          title: `Unknown attribute ${use?.path ?? entry.attribute}`,
          detail: `${place}: no recipient has it. Check the spelling, or import it.`,
        },
      ];
    }
    const missing = toDeliver - entry.present;
    if (missing <= 0) return [];
    const percent = Math.floor((entry.present / Math.max(1, toDeliver)) * 100);
    return [
      {
        id: "attribute-missing",
        level: "warning",
        title: `${entry.attribute} is missing for ${missing} recipients`,
        detail: `${place}: present for ${percent} % of the target; the others get nothing in its place.`,
      },
    ];
  });
}

export function targetItems(counts: TargetCounts): ChecklistItem[] {
  if (counts.toDeliver > 0) return [];
  return [
    {
      id: "no-recipients",
      level: "error",
      title: "There is no recipient to deliver to",
      detail:
        counts.targeted === 0
          ? "The audience is empty."
          : `All ${counts.targeted} rows are excluded: ${Object.entries(counts.excluded)
              .map(([reason, n]) => `${n} ${reason}`)
              .join(", ")}.`,
    },
  ];
}
