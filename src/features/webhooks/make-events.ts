/** From what a row of the outbox names to the events that webhooks get. */
import { formatKey } from "../../core/delivery/status.ts";
import { type EventType, typeOfDeliveryEvent } from "../../core/webhook/event-types.ts";
import type { OutboxFacts } from "../../platform/outbox.ts";
import type { Tx } from "../../platform/db.ts";
import { makeEvent, type WebhookEvent } from "./event.ts";
import * as facts from "./facts-store.ts";

/** `rest`: there is more, to be told in another turn. */
export type Made = { readonly events: readonly WebhookEvent[]; readonly rest: OutboxFacts["start"] | null };

/** People of a delivery that begins, told of in one turn. */
const PEOPLE = 1000;

const all = (events: readonly WebhookEvent[]): Made => ({ events, rest: null });

/** `wants`: whether any webhook hears of a type at all. */
export async function makeEvents(tx: Tx, row: facts.OutboxRow, wants: (type: EventType) => boolean): Promise<Made> {
  switch (row.kind) {
    case "outcomes":
      return all(await ofOutcomes(tx, row.refs, wants));
    case "reactions":
      return all(await ofReactions(tx, row.refs));
    case "complaint":
      return all(await ofMessage(tx, "message.complained", row.refs, row.at, {}));
    case "subscription": {
      const { via } = row.refs;
      const type = via === null ? "contact.resubscribed" : "contact.unsubscribed";
      return all(await ofMessage(tx, type, row.refs, row.at, { via }));
    }
    case "addresses":
      return all(row.refs.map(({ type, ...data }) => makeEvent(type, row.at, data)));
    case "start":
      return ofStart(tx, row.refs, row.at, wants);
    case "delivery":
      return all(await ofDelivery(tx, row));
    case "plain":
      return all(row.refs.map(({ type, data }) => makeEvent(type, row.at, data)));
  }
}

function messageData(row: facts.MessageFacts) {
  return {
    messageKey: formatKey({ partId: row.part_id, seq: row.seq }),
    deliveryId: String(row.delivery_id),
    deliveryLabel: row.label,
    recipientId: row.recipient_id === null ? null : String(row.recipient_id),
    address: row.address,
  };
}

async function ofOutcomes(
  tx: Tx,
  refs: OutboxFacts["outcomes"],
  wants: (type: EventType) => boolean,
): Promise<WebhookEvent[]> {
  const events: WebhookEvent[] = [];
  for (const [type, keys] of Object.entries(refs) as [EventType, [number, number, number][]][]) {
    if (!wants(type)) continue;
    for (const row of await facts.loadOutcomes(tx, keys)) events.push(makeEvent(type, row.at, outcomeData(type, row)));
  }
  return events;
}

function outcomeData(type: EventType, row: facts.OutcomeFacts): Record<string, unknown> {
  const { attempt, mx, source_ip: sourceIp, reply, code, enhanced: enhancedCode, stage } = row;
  const shared = { ...messageData(row), attempt, mx, sourceIp };
  if (type === "message.delivered") return { ...shared, reply };
  const said = { type: row.type, reason: row.reason, code, enhancedCode, diagnostic: reply };
  if (type === "message.bounced") return { ...shared, bounce: { ...said, async: row.kind === "bounce" } };
  if (type === "message.deferred") return { ...shared, deferral: { ...said, stage } };
  return { ...shared, failure: { ...said, stage: row.kind === "not-rendered" ? "render" : row.kind } };
}

const MACHINES: ReadonlyMap<string, string> = new Map([
  ["privacy-proxy", "proxy"],
  ["mail-proxy", "proxy"],
  ["scanner", "scanner"],
]);

async function ofReactions(tx: Tx, refs: OutboxFacts["reactions"]): Promise<WebhookEvent[]> {
  const firsts = new Set(refs.flatMap(([, , event, isFirst]) => (isFirst ? [event] : [])));
  return (await facts.loadReactions(tx, refs)).map((row) => {
    const machine = MACHINES.get(row.class) ?? null;
    const shared = { ...messageData(row), first: firsts.has(row.event_id), machine, userAgent: row.user_agent };
    return row.kind === "open"
      ? makeEvent("message.opened", row.at, shared)
      : makeEvent("message.clicked", row.at, { ...shared, link: row.link });
  });
}

async function ofMessage(
  tx: Tx,
  type: EventType,
  { partId, seq }: { readonly partId: number; readonly seq: number },
  at: number,
  more: Readonly<Record<string, unknown>>,
): Promise<WebhookEvent[]> {
  const row = await facts.loadMessage(tx, partId, seq);
  return row === null ? [] : [makeEvent(type, at, { ...messageData(row), ...more })];
}

async function ofDelivery(
  tx: Tx,
  { refs, at }: Extract<facts.OutboxRow, { kind: "delivery" }>,
): Promise<WebhookEvent[]> {
  const type = typeOfDeliveryEvent(refs.kind);
  const delivery = type === null ? null : await facts.findDelivery(tx, refs.deliveryId);
  if (type === null || delivery === null) return [];
  const { label, state } = delivery;
  const stage = refs.kind === "analysis.failed" ? "analysis" : "start";
  const failed = type === "delivery.failed" ? { stage } : {};
  const data = { deliveryId: String(refs.deliveryId), deliveryLabel: label, state, actor: refs.actor };
  return [makeEvent(type, at, { ...data, ...failed, detail: refs.detail })];
}

/** First those who get nothing, then those who do, some at a time. */
async function ofStart(
  tx: Tx,
  refs: OutboxFacts["start"],
  at: number,
  wants: (type: EventType) => boolean,
): Promise<Made> {
  const { deliveryId, queuedAfter } = refs;
  if (queuedAfter === null && wants("message.excluded")) {
    const rows = await facts.loadExcluded(tx, deliveryId, refs.excludedAfter ?? 0, PEOPLE);
    const events = rows.map(({ recipient_id: id, address, reason, label }) => {
      const recipientId = id === null ? null : String(id);
      const data = { deliveryId: String(deliveryId), deliveryLabel: label, recipientId, address, reason };
      return makeEvent("message.excluded", at, data);
    });
    if (rows.length === PEOPLE) return { events, rest: { ...refs, excludedAfter: rows.at(-1)?.id ?? 0 } };
    return { events, rest: wants("message.queued") ? { ...refs, queuedAfter: [0, 0] } : null };
  }
  if (!wants("message.queued")) return all([]);
  const rows = await facts.loadQueued(tx, deliveryId, queuedAfter ?? [0, 0], PEOPLE);
  const last = rows.at(-1);
  const events = rows.map((row) => makeEvent("message.queued", at, messageData(row)));
  const isOver = last === undefined || rows.length < PEOPLE;
  return { events, rest: isOver ? null : { ...refs, queuedAfter: [last.part_id, last.seq] } };
}
