/**
 * What the analysis has to say about content and target, as checklist items. Pure: facts in, items out. Errors block
 * confirmation, warnings do not.
 */
import { estimateSize, type CompiledContent, type ContentError } from "../../core/message/compile-content.ts";
import type { ChecklistItem, Content } from "../../contract/index.ts";
import type { Coverage, TargetCounts } from "./store.ts";

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

export function contentErrorItems(errors: readonly ContentError[]): ChecklistItem[] {
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
  if (part === "from") return "Sender address";
  if (part === "replyTo") return "Reply-to address";
  if (part.startsWith("header:")) return `Header ${part.slice(7)}`;
  return part.charAt(0).toUpperCase() + part.slice(1);
}

export function contentItems(
  compiled: CompiledContent,
  content: Content,
  headers: readonly { name: string }[],
): ChecklistItem[] {
  const items: ChecklistItem[] = [];
  const warn = (id: string, title: string, detail: string) => items.push({ id, level: "warning", title, detail });
  if (!content.text?.trim()) {
    warn("no-text-part", "There is no text part", "Spam filters and plain readers expect one beside the HTML.");
  }
  const body = `${content.html ?? ""}${content.text ?? ""}`;
  if (
    !/unsubscri|d[ée]sabonn|d[ée]sinscri|abbestell|abmeld|opt[-_ ]?out|cancelar la suscripci|darse de baja|disiscri/i.test(
      body,
    ) &&
    !headers.some((header) => header.name.toLowerCase() === "list-unsubscribe")
  ) {
    warn("no-unsubscribe-link", "There is no unsubscribe link", "Recipients who cannot unsubscribe complain instead.");
  }
  const size = estimateSize(compiled);
  const step = SIZE_STEPS.find((candidate) => size > candidate.bytes);
  if (step) warn(step.id, step.title, `${Math.round(size / 1024)} kB before personalisation. ${step.detail}`);
  return items;
}

/** Attributes that nobody has are errors at the place of use; those that some lack are warnings with numbers. */
export function attributeItems(
  compiled: CompiledContent,
  coverage: readonly Coverage[],
  toDeliver: number,
): ChecklistItem[] {
  return coverage.flatMap((entry): ChecklistItem[] => {
    const use = compiled.attributes.find((attribute) => attribute.name === entry.attribute);
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
