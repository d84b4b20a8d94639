/** What happens in the product, as webhooks are told of it: from each place where facts are written to the event that arrives. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { outcomeRecord } from "../../../test/outcome-record.ts";
import { analyse, importCsv, NOW, seedDelivery, seedInProgress } from "../../../test/seed-delivery.ts";
import { createWebhookRig, type Event, type WebhookRig } from "../../../test/webhook-rig.ts";
import { settingsSchema } from "../../contract/index.ts";
import { formatInstant, MINUTE } from "../../core/time.ts";
import { commitOutcomes } from "../../mta/commit-outcomes.ts";
import type { OutcomeRecord } from "../../mta/outcome-record.ts";
import { denylist } from "../audience/index.ts";
import { confirmDelivery } from "../deliveries/index.ts";
import { pauseDelivery, stopDelivery } from "../deliveries/lifecycle.ts";
import { applyComplaint } from "../inbound/complaint-store.ts";
import { denylist as denylistByHand, releaseAddresses } from "../quarantine/index.ts";
import { putIn } from "../quarantine/change-by-hand.ts";
import { storeEvents, type StorableEvent } from "../tracking/store.ts";
import { undoUnsubscription, unsubscribe } from "../unsubscribe/unsubscribe.ts";

let rig: WebhookRig;
let db: WebhookRig["web"]["db"];
beforeAll(async () => {
  rig = await createWebhookRig();
  db = rig.web.db;
});
afterAll(() => rig.close());
beforeEach(() => rig.clear());

async function told(): Promise<Event[]> {
  await rig.deliver();
  return rig.events();
}
const types = (events: readonly Event[]) => events.map(({ type }) => type);

type Sent = { readonly id: number; readonly partId: number; readonly epoch: number };

/** In progress, to people of one.example, leased by a sender. Nobody was told of that. */
async function inProgress(people = 3): Promise<Sent> {
  const id = await seedInProgress(db, people, 1000);
  const [part] = await db.query<{ id: number; epoch: number }>(
    "update delivery_parts set owner = 's', epoch = epoch + 1 where delivery_id = $1 returning id, epoch",
    [id],
  );
  return { id, partId: part?.id ?? 0, epoch: part?.epoch ?? 0 };
}

const commit = (...records: OutcomeRecord[]) => db.transaction((tx) => commitOutcomes(tx, "s", records));

describe("messages", () => {
  const REFUSED = { kind: "refused", stage: "rcpt", code: 550, enhanced: "5.1.1", reply: "550 5.1.1 who?" } as const;

  test("a batch of outcomes is one row, and each of them an event", async () => {
    const sent = await inProgress(4);
    await rig.add({
      events: ["message.delivered", "message.bounced", "message.deferred", "message.failed"],
      batch: 100,
    });
    const bounced = { ...REFUSED, status: "failed", type: "hard", reason: "user-unknown" } as const;
    const deferred = {
      ...REFUSED,
      status: "taken-into-account",
      type: "soft",
      reason: "refused",
      nextAt: NOW,
    } as const;
    await commit(
      outcomeRecord(sent, 0),
      outcomeRecord(sent, 1, bounced),
      outcomeRecord(sent, 2, { ...deferred, finalAt: null }),
      outcomeRecord(sent, 3, {
        kind: "not-rendered",
        status: "failed",
        stage: null,
        code: null,
        reply: "no such filter",
      }),
    );
    expect(await db.query("select kind from webhook_outbox")).toEqual([{ kind: "outcomes" }]);
    const events = await told();
    expect(rig.got).toHaveLength(1);
    const byType = new Map(events.map((event) => [event.type, event]));
    const shared = (seq: number) => ({
      messageKey: `${sent.partId}-${seq}`,
      deliveryId: String(sent.id),
      deliveryLabel: "Test",
      recipientId: expect.stringMatching(/^\d+$/),
      address: expect.stringMatching(/^p\d@one\.example$/),
      attempt: 1,
      mx: "mx.one.example",
      sourceIp: "192.0.2.9",
    });
    const said = { code: 550, enhancedCode: "5.1.1", diagnostic: "550 5.1.1 who?" };
    expect(byType.get("message.delivered")).toMatchObject({
      timestamp: formatInstant(NOW),
      data: { ...shared(0), reply: "250 2.0.0 ok" },
    });
    const bounce = { type: "hard", reason: "user-unknown", ...said, async: false };
    expect(byType.get("message.bounced")?.data).toEqual({ ...shared(1), bounce });
    const deferral = { type: "soft", reason: "refused", ...said, stage: "rcpt" };
    expect(byType.get("message.deferred")?.data).toEqual({ ...shared(2), deferral });
    expect(byType.get("message.failed")?.data).toMatchObject({
      failure: { stage: "render", diagnostic: "no such filter" },
    });
  });

  test("an outcome that is committed twice is told once", async () => {
    const sent = await inProgress(1);
    await rig.add({ events: ["*"] });
    await commit(outcomeRecord(sent, 0));
    await commit(outcomeRecord(sent, 0));
    expect(types(await told())).toEqual(["message.delivered"]);
  });

  test("what happens to proofs is nobody's business, nor what only tries", async () => {
    const sent = await inProgress(2);
    await rig.add({ events: ["*"] });
    await commit(outcomeRecord(sent, 0, { kind: "verified" }));
    await db.query("update deliveries set kind = 'proof', proof_of = 1, proof_number = 1 where id = $1", [sent.id]);
    await commit(outcomeRecord(sent, 1));
    expect(await told()).toEqual([]);
  });

  test("opens and clicks, the first of each message marked, programs named", async () => {
    const sent = await inProgress(2);
    await rig.add({ events: ["message.opened", "message.clicked"] });
    const base = {
      deliveryId: sent.id,
      partId: sent.partId,
      honeypot: false,
      posted: false,
      archive: null,
      signals: [],
    };
    const seen = { link: 0, person: "p", ip: "192.0.2.1", userAgent: "Mail/1" };
    const event = (id: string, seq: number, changes: Partial<StorableEvent>): StorableEvent => {
      return { ...base, ...seen, id, seq, at: NOW, kind: "open", class: "person", ...changes };
    };
    const events = [
      event("a", 0, { class: "privacy-proxy" }),
      event("b", 0, { at: NOW + 5 * MINUTE }),
      event("c", 1, { kind: "click", class: "scanner" }),
      event("d", 1, { kind: "mirror" }),
      event("e", 1, { kind: "click", class: "archive" }),
    ];
    await db.transaction((tx) => storeEvents(tx, events));
    await db.transaction((tx) => storeEvents(tx, events));
    const facts = (await told()).map(({ type, data }) => [type, data["first"], data["machine"]].map(String).join(" "));
    expect(facts.toSorted()).toEqual([
      "message.clicked true scanner",
      "message.opened false null",
      "message.opened true proxy",
    ]);
  });

  test("complaints, unsubscriptions and what takes them back, once each", async () => {
    const sent = await inProgress(1);
    await rig.add({
      events: ["message.complained", "contact.unsubscribed", "contact.resubscribed", "address.denylisted"],
    });
    const key = { partId: sent.partId, seq: 0 };
    await unsubscribe(db, key, "one-click", NOW);
    await unsubscribe(db, key, "page", NOW);
    await undoUnsubscription(db, key, NOW + 1);
    const complained = { ...key, deliveryId: sent.id, address: "p0@one.example" };
    await db.transaction((tx) => applyComplaint(tx, complained, NOW));
    await db.transaction((tx) => applyComplaint(tx, complained, NOW));
    const events = await told();
    expect(types(events).toSorted()).toEqual([
      "address.denylisted",
      "contact.resubscribed",
      "contact.unsubscribed",
      "message.complained",
    ]);
    const unsubscribed = events.find(({ type }) => type === "contact.unsubscribed");
    expect(unsubscribed?.data).toMatchObject({
      via: "one-click",
      address: "p0@one.example",
      messageKey: `${sent.partId}-0`,
    });
    await db.query("delete from recipients");
  });
});

test("addresses go into quarantine, onto the denylist, and come back", async () => {
  await rig.add({ events: ["address.quarantined", "address.released", "address.denylisted"] });
  const by = { actor: "ann", note: "", at: NOW };
  const bad = { matchKey: "bad@one.example", address: "bad@one.example" };
  await db.transaction(async (tx) => {
    await putIn(tx, [bad], "user-unknown", "put-in", by);
    await releaseAddresses(tx, [bad.matchKey], by);
    await denylistByHand(tx, { ...bad, reason: "asked", messageKey: null, at: NOW }, by);
  });
  const events = await told();
  expect(types(events).toSorted()).toEqual(["address.denylisted", "address.quarantined", "address.released"]);
  for (const { data } of events) expect(data).toMatchObject({ address: "bad@one.example", actor: "ann" });
  await db.query("delete from recipients");
});

describe("deliveries", () => {
  test("their life, and all their people when they begin", async () => {
    const people = Array.from({ length: 2100 }, (_, i) => `w${i}@two.example`);
    const audience = await importCsv(db, `email\n${people.join("\n")}\n`);
    await denylist(db, { address: "w7@two.example", reason: "asked", at: NOW });
    await rig.add({ events: ["*"], batch: 1000 });
    const settings = settingsSchema.parse({ validity: "3d", partSize: 500 });
    const id = await seedDelivery(db, { audience, settings });
    await analyse(db, id);
    await confirmDelivery(db, id, "ann", NOW);
    await pauseDelivery(db, id, "ann", NOW);
    await stopDelivery(db, id, "ann", NOW);
    const events = await told();
    const life = events.filter(({ type }) => type.startsWith("delivery."));
    expect(types(life)).toEqual([
      "delivery.created",
      "delivery.analyzed",
      expect.stringMatching(/^delivery\.(confirmed|started)$/),
      "delivery.paused",
      "delivery.cancelled",
    ]);
    for (const { data } of life) expect(data).toMatchObject({ deliveryId: String(id), deliveryLabel: "Test" });
    const queued = events.filter(({ type }) => type === "message.queued");
    expect(new Set(queued.map(({ data }) => data["address"])).size).toBe(2099);
    expect(queued).toHaveLength(2099);
    expect(events.filter(({ type }) => type === "message.excluded").map(({ data }) => data)).toEqual([
      expect.objectContaining({ deliveryId: String(id), address: "w7@two.example", reason: "denylisted" }),
    ]);
    expect(await db.query("select 1 from webhook_outbox")).toEqual([]);
  });
});
