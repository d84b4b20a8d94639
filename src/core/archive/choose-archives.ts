/** Which archives take copies of a delivery, and how: the delivery's own wish first, then the platform's settings. */
import type { ArchiveRule, CopyKind, CopyTiming, DeliveryArchive } from "./archive.ts";

export type ArchiveWish = {
  readonly on: boolean;
  readonly timing?: CopyTiming | undefined;
  readonly strict?: boolean | undefined;
  /** Ids as decimal numbers. */
  readonly archives?: readonly string[] | undefined;
};

export type PlatformArchive = { readonly timing: CopyTiming; readonly strict: boolean; readonly copy: CopyKind };

export type Candidate = { readonly id: number; readonly enabled: boolean; readonly rule: ArchiveRule };

export type ChosenArchives =
  | { readonly kind: "off" }
  | { readonly kind: "chosen"; readonly archive: DeliveryArchive }
  /** Copies are wanted and nobody takes them. `unknown`: ids that are named and not there or not enabled. */
  | { readonly kind: "none"; readonly unknown: readonly string[] };

export function chooseArchives(
  wish: ArchiveWish,
  platform: PlatformArchive,
  candidates: readonly Candidate[],
  delivery: { readonly senderDomain: string; readonly nature: "marketing" | "service" },
): ChosenArchives {
  if (!wish.on) return { kind: "off" };
  const enabled = candidates.filter((archive) => archive.enabled);
  const unknown = (wish.archives ?? []).filter((id) => !enabled.some((archive) => String(archive.id) === id));
  const archives = wish.archives
    ? enabled.filter(({ id }) => wish.archives?.includes(String(id)))
    : enabled.filter(({ rule }) => matches(rule, delivery));
  if (archives.length === 0 || unknown.length > 0) return { kind: "none", unknown };
  const timing = wish.timing ?? platform.timing;
  const strict = timing === "before" && (wish.strict ?? platform.strict);
  return {
    kind: "chosen",
    archive: { timing, strict, copy: platform.copy, archives: archives.map(({ id }) => id) },
  };
}

function matches(rule: ArchiveRule, delivery: { senderDomain: string; nature: "marketing" | "service" }): boolean {
  if (rule.onlyNamed) return false;
  const bySender = rule.senderDomains.length === 0 || rule.senderDomains.includes(delivery.senderDomain);
  return bySender && (rule.natures.length === 0 || rule.natures.includes(delivery.nature));
}
