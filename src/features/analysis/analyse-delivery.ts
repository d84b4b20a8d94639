/**
 * The analysis of a delivery: target, exclusions with reasons, checks, snapshot, parts. Nothing leaves during it; all of
 * it happens in one transaction, so a killed analysis leaves the previous state.
 */
import { type WholeSender, wholeSender } from "../../core/delivery/sender.ts";
import type { CompiledContent } from "../../core/message/compile-content.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { worstLevel } from "../../core/typology/rule.ts";
import type { Checklist, ChecklistItem } from "../../contract/index.ts";
import { type ContentDeps, findImages, freezeManifest, readContent, type ReadContent } from "../content/index.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { AskLink } from "../../platform/link-probe.ts";
import { recordEvent } from "../../platform/events.ts";
import { askAfterAnalysis, readValidity } from "../deliveries/index.ts";
import { checkPool } from "../sources/index.ts";
import { loadSettings } from "../settings/index.ts";
import { type ChosenTypology, type JudgedDelivery, typologyOf, withPool } from "../typologies/index.ts";
import { arbitrateAgain } from "./arbitrate.ts";
import { askLinks } from "./ask-links.ts";
import { checkCopies } from "./check-copies.ts";
import { type AskedDmarc, askDmarc, checkSender, type DmarcDeps } from "./check-sender.ts";
import { messageItems } from "./checks-content.ts";
import { sendingItems } from "./checks-sending.ts";
import { attributeItems, contentErrorItems, contentItems, targetItems, warningItems } from "./checks.ts";
import { sampleItems } from "./sample-items.ts";
import { inAnalysis } from "./cancel-analysis.ts";
import { saveUses } from "./capacity-store.ts";
import { choosePopulation } from "./choose-population.ts";
import { countTextMessages } from "./count-text-messages.ts";
import { computeNames } from "./compute-names.ts";
import { countTarget, saveExclusions, type TargetCounts } from "./exclusions-store.ts";
import { createJudge, insteadItems } from "./judge.ts";
import { loadSamples, measureCoverage } from "./facts-store.ts";
import { makeMessages } from "./make-messages.ts";
import { fileMirrorItems } from "./population-items.ts";
import { deletePreviousParts } from "./parts-store.ts";
import * as store from "./store.ts";
import { refreshStatistics } from "./target-store.ts";
import { transportItems } from "./transport-items.ts";
import { waveItems } from "./wave-items.ts";

/** Plans the delivery whose parts were just made; what it says joins the checklist. */
export type PlanDelivery = (tx: Tx, deliveryId: number, now: Instant) => Promise<readonly ChecklistItem[]>;

export type AnalysisDeps = ContentDeps & {
  readonly planDelivery?: PlanDelivery;
  readonly askLink?: AskLink;
  /** Absent: nothing leaves the machine, so nobody applies a policy. */
  readonly dmarc?: DmarcDeps;
  /** Whether the installation knows relays; absent: nothing leaves the machine. */
  readonly hasRelays?: boolean | undefined;
};

type DeliveryRow = JudgedDelivery & { version: number };

/** Takes the delivery for analysis, or throws `action-not-allowed`; then `runAnalysis` does the work. */
export async function beginAnalysis(
  db: Db,
  id: number,
  actor: string,
  now: Instant,
  /** Whoever asks may start the delivery: it may begin by itself in their name. */
  mayStart = false,
): Promise<void> {
  const begun = await store.beginAnalysis(db, id, mayStart ? actor : null, now);
  if (begun.kind === "missing") throw appError("not-found", { what: "delivery", id });
  if (begun.kind === "refused") {
    throw appError("action-not-allowed", { id, state: begun.state, action: "analysed", currentState: begun.state });
  }
  await recordEvent(db, { deliveryId: id, kind: "analysis.started", actor, at: now });
}

/** Analyses a delivery that `beginAnalysis` took. Repeatable: after a crash the same job starts again. */
export async function runAnalysis(db: Db, id: number, now: () => Instant, deps: AnalysisDeps): Promise<Checklist> {
  await refreshStatistics(db);
  const asked = await askLinks(db, id, deps);
  const dmarc = await askDmarc(db, id, deps.dmarc);
  return inAnalysis(db, id, async (tx) => {
    const [row] = await tx.query<DeliveryRow>(
      "select id, label, content, sender, audience, settings, template_id, created_at, version from deliveries where id = $1",
      [id],
    );
    if (!row) throw appError("not-found", { what: "delivery", id });
    asked?.mustBeOf(row.version);
    const typology = await typologyOf(tx, row.settings);
    const settings = withPool(row.settings, typology);
    const content = await readContent(tx, { ...row, settings }, deps);
    const written = { ...row, settings, sender: wholeSender(row.sender, await loadSettings(tx)) };
    const early = createJudge(typology, written, content, now);
    const before = [...insteadItems(typology), ...early.rules("before-target", null)];
    if (worstLevel(before) === "error") return stopBeforeTarget(tx, written, before, typology, now());
    const population = await choosePopulation(tx, written, now());
    const counts = await countTarget(tx, written.audience);
    const names = await computeNames(tx, written, counts, now());
    const delivery = { ...written, label: names.label };
    const judge = createJudge(typology, delivery, content, now);
    const checked: ChecklistItem[] =
      content.kind === "errors"
        ? [
            ...contentErrorItems(content.errors),
            ...targetItems(counts),
            ...(await checkSending(tx, delivery, counts.toDeliver, now())),
            ...(await checkSender(tx, delivery, dmarc)),
            ...(await checkPool(tx, delivery.settings)),
            ...(await checkCopies(tx, delivery, counts.toDeliver, [])),
          ]
        : await checkContent(tx, id, delivery, content, counts, { ...deps, dmarc }, now());
    const items = [
      ...before,
      ...judge.checks([
        ...names.items,
        ...population.items,
        ...transportItems(delivery.settings, deps.hasRelays),
        ...checked,
        ...(asked?.items ?? []),
      ]),
      ...judge.rules("after-target", counts),
      ...judge.rules("before-personalisation", counts),
    ];
    await deletePreviousParts(tx, id);
    const attributes = content.kind === "read" ? snapshotAttributes(content.compiled) : [];
    const textMessages = content.kind === "read" ? await countTextMessages(tx, content.compiled) : 0;
    let manifest: Manifest | null = null;
    if (content.kind === "read" && worstLevel(items) !== "error") {
      manifest = await freezeManifest(tx, content.prepared, now());
      const making = {
        id,
        settings: delivery.settings,
        toDeliver: counts.toDeliver,
        attributes,
        shuffle: population.shuffle,
      };
      items.push(...(await makeMessages(db, tx, making, now())));
      const planned = (await deps.planDelivery?.(tx, id, now())) ?? [];
      items.push(...judge.checks(planned), ...judge.rules("end", counts));
      if (worstLevel(items) === "error") {
        manifest = null;
        await deletePreviousParts(tx, id);
      }
    }
    await saveExclusions(tx, id, delivery.audience, counts);
    await saveUses(tx, id, population.taken, population.at, counts.toDeliver);
    const finished = await store.finishAnalysis(
      tx,
      id,
      delivery.version,
      counts,
      {
        attributes,
        textMessages,
        typology: nameOf(typology),
        ...(delivery.settings.pool !== row.settings.pool ? { pool: delivery.settings.pool } : {}),
        ...(population.segments.length > 0 ? { segments: population.segments } : {}),
      },
      manifest,
      now(),
    );
    if (!finished) throw appError("delivery-changed", { id });
    await recordEvent(tx, {
      deliveryId: id,
      kind: "analysis.finished",
      actor: "analysis",
      at: now(),
      detail: { ...counts, ...names.detail, ready: manifest !== null },
    });
    if (manifest !== null) items.push(...judge.checks(await arbitrateAgain(tx, delivery, now())));
    await store.saveChecklist(tx, id, items);
    if (manifest !== null) await askAfterAnalysis(tx, id, now());
    return { ready: manifest !== null, analysed: true, ...counts, items };
  });
}

const nameOf = ({ id, name }: ChosenTypology) => ({ id: String(id), name });

/** A rule that needs no target found an error: nothing is computed for a delivery that cannot go as it is. */
async function stopBeforeTarget(
  tx: Tx,
  { id, version }: DeliveryRow,
  found: readonly ChecklistItem[],
  typology: ChosenTypology,
  now: Instant,
): Promise<Checklist> {
  const detail = "The target was not computed. Correct the delivery, or change the rule, and analyse again.";
  const stopped = {
    id: "analysis-stopped",
    level: "info" as const,
    title: "The analysis stopped at the first errors",
    detail,
  };
  const items = [...found, { ...stopped, at: formatInstant(now) }];
  const counts: TargetCounts = { targeted: 0, toDeliver: 0, excluded: {} };
  await deletePreviousParts(tx, id);
  await store.saveChecklist(tx, id, items);
  const facts = { attributes: [], textMessages: 0, typology: nameOf(typology) };
  if (!(await store.finishAnalysis(tx, id, version, counts, facts, null, now)))
    throw appError("delivery-changed", { id });
  const detailOf = { ...counts, ready: false };
  await recordEvent(tx, { deliveryId: id, kind: "analysis.finished", actor: "analysis", at: now, detail: detailOf });
  return { ready: false, analysed: true, ...counts, items };
}

/** Ends an analysis that failed for a reason of ours: the delivery can be edited and analysed again. */
export async function abandonAnalysis(db: Db, id: number): Promise<void> {
  await db.query("update deliveries set state = 'editing' where id = $1 and state = 'analysing'", [id]);
}

/** Names of the recipient attributes to copy into each message; the address itself is always there as `email`. */
function snapshotAttributes({ attributes, optionalAttributes }: CompiledContent): string[] {
  const names = new Set([...attributes.map(({ name }) => name), ...optionalAttributes]);
  names.delete("email");
  return [...names].sort();
}

async function checkSending(
  tx: Tx,
  { settings }: Pick<DeliveryRow, "settings">,
  toDeliver: number,
  now: Instant,
): Promise<ChecklistItem[]> {
  const { validityCap } = await loadSettings(tx);
  const validity = readValidity(settings, validityCap, now);
  return [...sendingItems(settings, validityCap, now), ...waveItems(settings, toDeliver, validity)];
}

async function checkContent(
  tx: Tx,
  id: number,
  delivery: DeliveryRow & { readonly sender: WholeSender },
  { prepared, compiled }: Extract<ReadContent, { kind: "read" }>,
  counts: TargetCounts,
  { codec, dmarc }: Pick<ContentDeps, "codec"> & { readonly dmarc: AskedDmarc | null },
  now: Instant,
): Promise<ChecklistItem[]> {
  const optional = new Set(compiled.optionalAttributes);
  const names = snapshotAttributes(compiled).filter((name) => !optional.has(name));
  const coverage = await measureCoverage(tx, names);
  const samples = await loadSamples(tx);
  const reported = new Set(
    coverage.filter(({ present }) => present < counts.toDeliver).map(({ attribute }) => `recipient.${attribute}`),
  );
  const made = sampleItems({ id, label: delivery.label, compiled, codec, at: now }, samples, reported);
  return [
    ...targetItems(counts),
    ...(await checkSending(tx, delivery, counts.toDeliver, now)),
    ...(await checkSender(tx, delivery, dmarc)),
    ...(await checkPool(tx, delivery.settings)),
    ...(await checkCopies(tx, delivery, counts.toDeliver, made.sizes)),
    ...(counts.toDeliver > 0 ? attributeItems(prepared.attributes, coverage, counts.toDeliver) : []),
    ...made.items,
    ...warningItems(prepared.warnings),
    ...contentItems(compiled, prepared.manifest, delivery.settings),
    ...fileMirrorItems(delivery.audience, delivery.settings, prepared.manifest.links),
    ...messageItems(prepared.manifest, findImages(prepared.manifest.html ?? ""), delivery.settings),
  ];
}
