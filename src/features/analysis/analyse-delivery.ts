/**
 * The analysis of a delivery: target, exclusions with reasons, checks, snapshot, parts. Nothing leaves during it; all of
 * it happens in one transaction, so a killed analysis leaves the previous state.
 */
import { renderParts } from "../../core/message/compose-message.ts";
import type { CompiledContent } from "../../core/message/compile-content.ts";
import { type Instant } from "../../core/time.ts";
import type { Audience, Checklist, ChecklistItem } from "../../contract/index.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { attributeItems, contentErrorItems, contentItems, partName, targetItems } from "./checks.ts";
import { compileDelivery, snapshotAttributes, type DeliveryContent } from "./content-of.ts";
import { allocateParts } from "./partitions.ts";
import * as store from "./store.ts";

type DeliveryRow = DeliveryContent & { label: string; audience: Audience };

/** Takes the delivery for analysis, or throws `action-not-allowed`; then `runAnalysis` does the work. */
export async function beginAnalysis(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  const begun = await store.beginAnalysis(db, id, now);
  if (begun.kind === "missing") throw appError("not-found", { what: "delivery", id });
  if (begun.kind === "refused") {
    throw appError("action-not-allowed", { id, state: begun.state, action: "analysed", currentState: begun.state });
  }
  await recordEvent(db, { deliveryId: id, kind: "analysis.started", actor, at: now });
}

/** Analyses a delivery that `beginAnalysis` took. Repeatable: after a crash the same job starts again. */
export async function runAnalysis(db: Db, id: number, now: () => Instant): Promise<Checklist> {
  await store.refreshStatistics(db);
  return db.transaction(async (tx) => {
    const [delivery] = await tx.query<DeliveryRow & { version: number }>(
      "select label, content, sender, audience, settings, version from deliveries where id = $1",
      [id],
    );
    if (!delivery) throw appError("not-found", { what: "delivery", id });
    await store.computeTarget(tx, delivery.audience);
    const counts = await store.countTarget(tx, delivery.audience);
    const compiled = compileDelivery(delivery);
    const items =
      compiled.kind === "errors"
        ? [...contentErrorItems(compiled.errors), ...targetItems(counts)]
        : await checkContent(tx, id, delivery, compiled.content, counts, now());
    await store.deletePreviousParts(tx, id);
    const ok = compiled.kind === "compiled" && !items.some((item) => item.level === "error");
    const attributes = compiled.kind === "compiled" ? snapshotAttributes(compiled.content) : [];
    if (ok) {
      const parts = await store.numberTarget(tx, delivery.settings.partSize);
      const first = await allocateParts(db, parts, now());
      await store.savePartsAndMessages(tx, id, first, attributes);
    }
    await store.saveExclusions(tx, id, delivery.audience, counts);
    await store.saveChecklist(tx, id, items);
    const finished = await store.finishAnalysis(tx, id, delivery.version, counts, { attributes }, ok, now());
    if (!finished) throw appError("delivery-changed", { id });
    await recordEvent(tx, {
      deliveryId: id,
      kind: "analysis.finished",
      actor: "analysis",
      at: now(),
      detail: { ...counts, ready: ok },
    });
    return { ready: ok, analysed: true, ...counts, items };
  });
}

/** Ends an analysis that failed for a reason of ours: the delivery can be edited and analysed again. */
export async function abandonAnalysis(db: Db, id: number): Promise<void> {
  await db.query("update deliveries set state = 'editing' where id = $1 and state = 'analysing'", [id]);
}

async function checkContent(
  tx: Tx,
  id: number,
  delivery: DeliveryRow,
  compiled: CompiledContent,
  counts: store.TargetCounts,
  now: Instant,
): Promise<ChecklistItem[]> {
  const coverage = await store.measureCoverage(tx, snapshotAttributes(compiled));
  const samples = await store.loadSamples(tx);
  return [
    ...targetItems(counts),
    ...(counts.toDeliver > 0 ? attributeItems(compiled, coverage, counts.toDeliver) : []),
    ...sampleItems(id, delivery.label, compiled, samples, now),
    ...contentItems(compiled, delivery.content, delivery.settings.headers),
  ];
}

/** Renders a few real recipients: a template that does not end or grows without end shows here, not while sending. */
function sampleItems(
  id: number,
  label: string,
  compiled: CompiledContent,
  samples: readonly store.Sample[],
  now: Instant,
): ChecklistItem[] {
  for (const sample of samples) {
    const facts = { key: "1-0", deliveryId: String(id), deliveryLabel: label, at: now, recipient: sample.address };
    const rendered = renderParts(compiled, { ...sample.attributes, email: sample.address }, facts);
    if (rendered.kind === "error") {
      return [
        {
          id: "render-failed",
          level: "error",
          title: `${partName(rendered.part)} cannot be rendered for ${sample.address}`,
          detail: rendered.message,
        },
      ];
    }
  }
  return [];
}
