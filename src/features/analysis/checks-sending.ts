/**
 * What the analysis has to say about how a delivery will be sent: how long attempts go on, how far they go. Pure: facts in,
 * items out.
 */
import { readMode } from "../../core/delivery/mode.ts";
import { readRetries } from "../../core/delivery/retry-plan.ts";
import { effectiveValidity, formatDuration } from "../../core/delivery/validity.ts";
import { type Instant, parseDuration, readInstant } from "../../core/time.ts";
import type { ChecklistItem, Settings } from "../../contract/index.ts";

type Wishes = Pick<Settings, "validity" | "validUntil" | "retries" | "mode" | "archive">;

/** `cap`: the platform's `validityCap`. */
export function sendingItems(settings: Wishes, cap: string, now: Instant): ChecklistItem[] {
  return [...modeItems(settings), ...validityItems(settings, cap, now)];
}

function validityItems(settings: Wishes, cap: string, now: Instant): ChecklistItem[] {
  const { validUntil } = settings;
  const until = readInstant(validUntil ?? "");
  if (until !== null && until <= now) return [over(validUntil ?? "")];
  const validity = until === null ? (parseDuration(settings.validity) ?? 0) : until - now;
  const effective = effectiveValidity(validity, parseDuration(cap) ?? 0);
  const items: ChecklistItem[] = [];
  if (effective < validity) {
    items.push({
      id: "validity-capped",
      level: "info",
      title: `Attempts go on for ${formatDuration(effective)}, not ${until === null ? `for ${settings.validity}` : `until ${validUntil}`}`,
      detail:
        "The platform lets no delivery go on longer; what is open then has failed. The settings of the platform say so.",
    });
  }
  const retries = readRetries(settings.retries);
  if (retries.mode === "fixed" && retries.period >= effective) {
    items.push({
      id: "retries-never",
      level: "warning",
      title: "No message is attempted twice",
      detail: `Retries are at least ${formatDuration(retries.period)} apart, and attempts go on for ${formatDuration(effective)}.`,
    });
  }
  return items;
}

function over(until: string): ChecklistItem {
  return {
    id: "validity-over",
    level: "error",
    title: `The delivery is valid until ${until}, and that is over`,
    detail: "Set another date, or how long attempts go on after the start.",
  };
}

const NOTHING_DELIVERED = {
  "test-smtp": "Every recipient is tried as far as RCPT and no further: servers answer, and no message is handed over.",
  verify: "Every message is made and signed, and no server is connected to.",
} as const;

function modeItems({ mode: stored, archive }: Wishes): ChecklistItem[] {
  const mode = readMode(stored);
  if (mode === "live") return [];
  const items: ChecklistItem[] = [
    { id: `mode-${mode}`, level: "warning", title: "Test: nothing will be delivered", detail: NOTHING_DELIVERED[mode] },
  ];
  if (!archive?.on) return items;
  if (archive.strict) {
    items.push({
      id: "mode-archive-strict",
      level: "error",
      title: "A test cannot have strict copies",
      detail: `In mode ${mode} nobody receives anything, so nothing is copied, and strict lets nothing go without its copy. Switch one of them off.`,
    });
  } else {
    const detail = "Of what nobody receives there is nothing to keep.";
    items.push({ id: "mode-no-copies", level: "info", title: "No copies are made", detail });
  }
  return items;
}
