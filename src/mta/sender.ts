/**
 * A sender: leases parts, brings their messages to lanes, settles what comes back, gives parts back. One per process.
 *
 * The way of a message: loadSlice → admitted → lane → prepare → session → outcome → settle → journal and commit. A message
 * that cannot go now is put off: it goes back to its part unattempted. `window` bounds what is in memory.
 *
 * Longer than the house limit: these steps share the sender's books (parts held, messages on the wire) and are short each.
 */
import type { Verdict } from "../core/bounce/verdict.ts";
import { type CompiledRules, qualifyOutcome } from "../core/bounce/qualify.ts";
import { parseAddress } from "../core/address/parse-address.ts";
import { formatKey } from "../core/delivery/status.ts";
import { ruleFor, shareOf, type ShapingRule } from "../core/shaping/limits.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import { SECOND, type Duration, type Instant } from "../core/time.ts";
import { CONTROL_CHANNEL, holdDelivery, settleDelivery } from "../features/deliveries/index.ts";
import type { Db, Listener } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { createCommitter } from "./committer.ts";
import { holdPart, isDone, putOff, type HeldPart } from "./held-part.ts";
import type { Journal } from "./journal.ts";
import { createLane, type Lane } from "./lane.ts";
import { makeMessage, type Crypto } from "./make-message.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { doubtful } from "./recover.ts";
import { routeDomain, type Destination, type RoutingOptions } from "./routing.ts";
import { loadSendableDelivery, type ReadKey, type Sendable } from "./sendable-delivery.ts";
import type { BeforeFlush, OpenSession, SessionFacts } from "./session-port.ts";
import { expiredRecord, notRenderedRecord, settleOutcome } from "./settle-outcome.ts";
import * as store from "./store.ts";
import type { PreparedMessage, Task } from "./task.ts";

/** Messages in memory beyond which no further part is leased. */
const WINDOW = 3000;
const SLICE = 500;
const LEASE_FOR: Duration = 60 * SECOND;
const RENEW_EVERY: Duration = 15 * SECOND;
const TICK: Duration = 500;
/** How long a destination that could not be looked up or reached stays out of new leases. */
const AVOID_FOR: Duration = 15 * SECOND;

export type SenderOptions = {
  readonly id: string;
  /** This sender's number among `of` that share the source addresses. */
  readonly index: number;
  readonly of: number;
  readonly db: Db;
  readonly log: Log;
  readonly journal: Journal;
  readonly bounceRules: CompiledRules;
  readonly shapingRules: readonly ShapingRule[];
  readonly routing: RoutingOptions;
  readonly crypto: Crypto;
  readonly readKey: ReadKey;
  /** Makes the function that opens sessions; the hook comes from the sender. */
  readonly sessions: (beforeFlush: BeforeFlush) => OpenSession;
  readonly now: () => Instant;
  readonly random: () => number;
};

export type Sender = {
  /** Takes no new messages, waits for those on the wire, commits, gives parts back. */
  stop(): Promise<void>;
};

export async function startSender(options: SenderOptions): Promise<Sender> {
  const { id, db, log, journal, now } = options;
  const parts = new Map<number, HeldPart>();
  const lanes = new Map<string, Lane>();
  const deliveries = new Map<string, Promise<Sendable | null>>();
  const destinations = new Map<string, { until: Instant; destination: Promise<Destination> }>();
  const avoidDomains = new Map<string, Instant>();
  const onWire = new Map<Task, { mx: string }>();
  let active = new Map<number, store.ActiveDelivery>();
  let stopping = false;
  let journalOk = true;
  let leasing = false;
  let publishedStatus = "";
  const openSession = options.sessions(beforeFlush);

  const committer = createCommitter({
    db,
    sender: id,
    log,
    onCommitted: (records) => {
      journal.markCommitted(records);
      for (const record of records) {
        const part = parts.get(record.partId);
        if (part && part.lease.epoch === record.epoch) {
          part.uncommitted--;
          advance(part);
        }
      }
    },
  });

  const outstanding = () => [...parts.values()].reduce((sum, part) => sum + part.outstanding, 0);
  const isActive = (deliveryId: number) => !stopping && active.get(deliveryId)?.state === "in-progress";

  // ── control ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async function refreshControl(): Promise<void> {
    try {
      const rows = await store.loadActiveDeliveries(db);
      active = new Map(rows.map((row) => [row.id, row]));
    } catch (error) {
      log.warn({ error: errorText(error) }, "deliveries cannot be read");
      return;
    }
    for (const part of parts.values()) if (!isActive(part.lease.deliveryId)) drain(part);
    for (const delivery of active.values()) {
      const holds = [...parts.values()].some((part) => part.lease.deliveryId === delivery.id);
      if (delivery.state !== "in-progress" && !holds) await settle(delivery.id);
    }
    for (const lane of lanes.values()) lane.pump();
    void fillWindow();
  }

  /** Nothing more of this part leaves; what waits in lanes goes back. */
  function drain(part: HeldPart): void {
    part.exhausted = true;
    for (const lane of lanes.values()) {
      for (const task of lane.remove((candidate) => candidate.part === part)) putOff(task.part, now());
    }
    advance(part);
  }

  async function settle(deliveryId: number): Promise<void> {
    await settleDelivery(db, deliveryId, now()).catch((error: unknown) =>
      log.warn({ deliveryId, error: errorText(error) }, "the delivery's state cannot be settled"),
    );
  }

  // ── leasing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async function fillWindow(): Promise<void> {
    if (leasing || stopping || committer.isBehind() || !journalOk) return;
    leasing = true;
    try {
      for (const [domain, until] of avoidDomains) if (until <= now()) avoidDomains.delete(domain);
      for (const delivery of active.values()) {
        if (delivery.state !== "in-progress" || outstanding() >= WINDOW) continue;
        await leaseFor(delivery);
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, "parts cannot be leased");
    } finally {
      leasing = false;
    }
  }

  async function leaseFor(delivery: store.ActiveDelivery): Promise<void> {
    const loaded = await sendable(delivery);
    if (loaded?.kind === "unusable") await holdDelivery(db, delivery.id, loaded.reason, now());
    if (loaded?.kind !== "sendable") return;
    const limit = Math.max(1, Math.ceil((WINDOW - outstanding()) / SLICE));
    const leases = await store.leaseParts(
      db,
      id,
      delivery.id,
      limit,
      [...avoidDomains.keys()],
      now(),
      now() + LEASE_FOR,
    );
    for (const lease of leases) {
      const part = holdPart(lease, loaded.delivery);
      parts.set(lease.partId, part);
      await loadSlice(part);
    }
  }

  function sendable(delivery: store.ActiveDelivery): Promise<Sendable | null> {
    const key = `${delivery.id}/${delivery.analysed_version}`;
    let loading = deliveries.get(key);
    if (!loading) {
      loading = loadSendableDelivery(db, delivery.id, options.readKey);
      deliveries.set(key, loading);
      loading.catch(() => deliveries.delete(key));
      for (const old of [...deliveries.keys()].slice(0, -50)) deliveries.delete(old);
    }
    return loading;
  }

  async function loadSlice(part: HeldPart): Promise<void> {
    if (part.loading || part.exhausted) return;
    part.loading = true;
    try {
      const rows = await store.loadMessages(db, part.lease.partId, part.cursor, SLICE, now());
      part.cursor = rows.at(-1)?.seq ?? part.cursor;
      part.exhausted ||= rows.length < SLICE;
      const tasks = rows.map((row) => taskOf(part, row));
      part.outstanding += tasks.length;
      for (const task of tasks) start(task);
    } catch (error) {
      log.warn({ part: part.lease.partId, error: errorText(error) }, "messages cannot be loaded");
      part.exhausted = true;
    } finally {
      part.loading = false;
    }
    for (const lane of lanes.values()) lane.pump();
    advance(part);
  }

  function taskOf(part: HeldPart, row: store.WaitingMessage): Task {
    const parsed = parseAddress(row.address);
    const valid =
      parsed.kind === "valid"
        ? parsed
        : { envelope: row.address, domain: "", matchKey: row.address, needsSmtpUtf8: false };
    return {
      part,
      seq: row.seq,
      address: row.address,
      envelope: valid.envelope,
      domain: valid.domain,
      matchKey: valid.matchKey,
      needsSmtpUtf8: valid.needsSmtpUtf8,
      vars: row.vars,
      status: row.status,
      attempts: row.attempts,
      type: row.type,
      reason: row.reason,
    };
  }

  /** The part's next slice, or the way back. */
  function advance(part: HeldPart): void {
    if (!part.exhausted && part.outstanding < SLICE / 2) void loadSlice(part);
    if (!isDone(part) || parts.get(part.lease.partId) !== part) return;
    parts.delete(part.lease.partId);
    void giveBack(part).then(() => fillWindow());
  }

  async function giveBack(part: HeldPart): Promise<void> {
    const { deliveryId, partId, epoch } = part.lease;
    try {
      if (!part.lost) await store.releasePart(db, id, { partId, epoch }, now(), part.notBefore);
    } catch (error) {
      // The lease runs out by itself; until then the part is ours and nobody touches it.
      log.warn({ part: partId, error: errorText(error) }, "a part cannot be given back");
    }
    const more = [...parts.values()].some((other) => other.lease.deliveryId === deliveryId);
    if (!more) await settle(deliveryId);
  }

  // ── the way of a message ─────────────────────────────────────────────────────────────────────────────────────────

  function start(task: Task): void {
    if (task.part.lease.takenOver) {
      // The owner before us vanished without its journal: this message may have been on its wire.
      const intent = { ...record(task), attempt: task.attempts + 1, mx: null, at: now() };
      return settleRecord(task, doubtful(intent, task.part.delivery.inDoubtPolicy, now()));
    }
    if (!admit(task, now())) return;
    const known = destinations.get(destinationKey(task));
    if (known && known.until > now()) void known.destination.then((destination) => enter(task, destination));
    else lookUp(task);
  }

  const record = (task: Task) => ({
    partId: task.part.lease.partId,
    seq: task.seq,
    epoch: task.part.lease.epoch,
    fromStatus: task.status,
    address: task.address,
    domain: task.domain,
  });

  /** May it still leave? Deals with it when not. */
  function admit(task: Task, at: Instant): boolean {
    if (task.part.lost || !isActive(task.part.lease.deliveryId)) {
      putOff(task.part, at);
      advance(task.part);
      return false;
    }
    if (at >= task.part.delivery.validUntil) {
      settleRecord(task, expiredRecord(task, at));
      return false;
    }
    return true;
  }

  const destinationKey = (task: Task) =>
    Object.keys(task.part.delivery.routes).length > 0
      ? `${task.part.lease.deliveryId} ${task.domain}`
      : ` ${task.domain}`;

  function lookUp(task: Task): void {
    const destination = routeDomain(task.domain, task.part.delivery.routes, options.routing);
    destinations.set(destinationKey(task), { until: now() + 60 * SECOND, destination });
    if (destinations.size > 20_000) destinations.delete(destinations.keys().next().value ?? "");
    void destination.then((found) => enter(task, found));
  }

  function enter(task: Task, destination: Destination): void {
    if (destination.kind === "failed") {
      avoidDomains.set(task.domain, now() + AVOID_FOR);
      const outcome: Outcome = {
        kind: "lost",
        stage: "connect",
        trouble: destination.trouble,
        detail: destination.detail,
        inDoubt: false,
      };
      settleTask(task, outcome, { mx: task.domain, tls: null, durationMs: 0 }, false);
      return;
    }
    const lane = laneFor(task, destination);
    const added = lane ? lane.add(task) : { kind: "later" as const, until: now() + 5 * SECOND };
    if (added.kind === "later") {
      avoidDomains.set(task.domain, added.until);
      putOff(task.part, added.until);
      advance(task.part);
    }
  }

  /** Null when this sender has no share of the site's connections. */
  function laneFor(task: Task, destination: Extract<Destination, { kind: "site" }>): Lane | null {
    const { source } = task.part.delivery;
    const key = `${source ?? ""} ${destination.site}`;
    const known = lanes.get(key);
    if (known) return known;
    const rule = ruleFor(options.shapingRules, destination.mxHosts);
    const share = (limit: number) => shareOf(limit, options.index, options.of, destination.site);
    const perHour = rule.messagesPerHour === null ? null : share(rule.messagesPerHour);
    if (share(rule.connections) === 0 || perHour === 0) return null;
    const lane = createLane({
      site: destination.site,
      limits: {
        connections: share(rule.connections),
        messagesPerConnection: rule.messagesPerConnection,
        messagesPerHour: perHour,
      },
      targets: () => destination.targets(options.random),
      source,
      relay: destination.relay,
      openSession,
      prepare,
      mayTake: () => journalOk && !committer.isBehind(),
      admit,
      onTaken: (message) => onWire.set(message, { mx: "" }),
      onReturned: (message) => onWire.delete(message),
      onOutcome: (settled, outcome, facts) => {
        onWire.delete(settled);
        return settleTask(settled, outcome, facts, destination.isSmarthost);
      },
      onSiteFailure: (tasks, outcome, facts) => {
        for (const waiting of tasks) settleTask(waiting, outcome, facts, destination.isSmarthost);
      },
      now,
    });
    lanes.set(key, lane);
    return lane;
  }

  async function prepare(task: Task): Promise<PreparedMessage | null> {
    const key = formatKey({ partId: task.part.lease.partId, seq: task.seq });
    const made = await makeMessage(options.crypto, task.part.delivery, key, task.address, task.vars);
    if (made.kind === "made") return { task, bytes: made.bytes };
    settleRecord(task, notRenderedRecord(task, made.message, now()));
    return null;
  }

  /** The journal hook: nothing is sent whose intent is not written. */
  function beforeFlush(messages: readonly PreparedMessage[]): void {
    try {
      journal.writeIntents(
        messages.map(({ task }) => ({
          ...record(task),
          attempt: task.attempts + 1,
          mx: onWire.get(task)?.mx ?? null,
          at: now(),
        })),
      );
      journalOk = true;
    } catch (error) {
      journalOk = false;
      log.error({ error: errorText(error) }, "the journal cannot be written; sending waits");
      throw error;
    }
  }

  function settleTask(task: Task, outcome: Outcome, facts: SessionFacts, isSmarthost: boolean): "go-on" | "slow-down" {
    const verdict = outcome.kind === "accepted" ? null : judge(outcome, facts, isSmarthost);
    const settled = settleOutcome(task, outcome, verdict, facts, now(), options.random());
    if (settled.kind === "record") settleRecord(task, settled.record);
    else hold(task, settled.reason);
    return verdict?.action === "slow" && verdict.scope !== "address" ? "slow-down" : "go-on";
  }

  /** One recipient domain that will not have us is no reason to stop the others; a relay that will not have us is. */
  function judge(outcome: Exclude<Outcome, { kind: "accepted" }>, facts: SessionFacts, isSmarthost: boolean): Verdict {
    const verdict = qualifyOutcome(options.bounceRules, outcome, facts.mx);
    return verdict.action === "pause" && !isSmarthost ? { ...verdict, action: "fail" } : verdict;
  }

  /** The recipients are not to blame: nothing is charged, the delivery pauses and shows the reply. */
  function hold(task: Task, reason: string): void {
    putOff(task.part, now());
    advance(task.part);
    void holdDelivery(db, task.part.lease.deliveryId, reason, now()).then(refreshControl, (error: unknown) =>
      log.warn({ error: errorText(error) }, "the delivery cannot be paused"),
    );
  }

  function settleRecord(task: Task, outcome: OutcomeRecord): void {
    task.part.outstanding--;
    if (task.part.lost) return;
    task.part.uncommitted++;
    journal.writeOutcome(outcome);
    committer.add(outcome);
    advance(task.part);
  }

  // ── now and then ─────────────────────────────────────────────────────────────────────────────────────────────────

  async function publishStatus(): Promise<void> {
    const counts = new Map<number, { onWire: number; leasedParts: number }>();
    const of = (deliveryId: number) => {
      let count = counts.get(deliveryId);
      if (!count) counts.set(deliveryId, (count = { onWire: 0, leasedParts: 0 }));
      return count;
    };
    for (const part of parts.values()) of(part.lease.deliveryId).leasedParts++;
    for (const task of onWire.keys()) of(task.part.lease.deliveryId).onWire++;
    const rows = [...counts].map(([deliveryId, count]) => ({ deliveryId, ...count }));
    const text = JSON.stringify(rows);
    if (text === publishedStatus) return;
    await store.saveSenderStatus(db, id, rows, now());
    publishedStatus = text;
  }

  let renewedAt = now();
  async function renew(): Promise<void> {
    if (now() - renewedAt < RENEW_EVERY || parts.size === 0) return;
    const held = [...parts.values()];
    const still = await store.renewLeases(
      db,
      id,
      held.map((part) => ({ partId: part.lease.partId, epoch: part.lease.epoch })),
      now() + LEASE_FOR,
    );
    renewedAt = now();
    for (const part of held.filter((candidate) => !still.has(candidate.lease.partId))) {
      if (parts.get(part.lease.partId) !== part) continue;
      log.warn({ part: part.lease.partId }, "the lease was lost");
      part.lost = true;
      part.uncommitted = 0;
      drain(part);
    }
  }

  async function tick(): Promise<void> {
    try {
      journalOk = true;
      for (const [key, lane] of lanes) {
        if (lane.isIdle() && now() >= lane.suspendedUntil()) lanes.delete(key);
        else lane.pump();
      }
      await renew();
      await publishStatus();
      await refreshControl();
    } catch (error) {
      log.warn({ error: errorText(error) }, "the database does not answer; sending waits");
    }
    if (!stopping) tickTimer = setTimeout(() => void tick(), TICK);
  }

  const listener: Listener = await db.listen(CONTROL_CHANNEL, () => void refreshControl());
  let tickTimer = setTimeout(() => void tick(), TICK);

  return {
    stop: async () => {
      stopping = true;
      clearTimeout(tickTimer);
      for (const lane of lanes.values()) lane.close();
      for (const part of parts.values()) drain(part);
      while (onWire.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await committer.drain();
      for (const part of parts.values()) drain(part);
      await listener.close();
      journal.close();
    },
  };
}
