/** Acceptance statements 6, 8, 12, 21, 33, 35 and 36, on a real database: from an analysis to what the next one makes of it. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

import { settingsSchema, type CreateDelivery } from "../../src/contract/index.ts";
import { qualifyOutcome } from "../../src/core/bounce/qualify.ts";
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import { DAY, MINUTE } from "../../src/core/time.ts";
import { loadRules } from "../../src/features/bounces/index.ts";
import { confirmDelivery } from "../../src/features/deliveries/index.ts";
import { showDelivery } from "../../src/features/deliveries/show-delivery.ts";
import { updateDelivery } from "../../src/features/deliveries/update-delivery.ts";
import { forgetAnswers } from "../../src/features/quarantine/index.ts";
import { loadTrackingIndicators } from "../../src/features/tracking/index.ts";
import { commitRecords } from "../../src/mta/commit-records.ts";
import { holdPart } from "../../src/mta/held-part.ts";
import { settleOutcome } from "../../src/mta/settle-outcome.ts";
import { leaseParts, loadMessages } from "../../src/mta/store.ts";
import { taskOf } from "../../src/mta/task-of.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { FACTS, sendable } from "../dispatch-rig.ts";
import { addRules, listOf, settingsWith } from "../population.ts";
import { analyse, importCsv, NOW, seedDelivery } from "../seed-delivery.ts";
import { createTrackedDelivery } from "../tracking-rig.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const edit = (id: number, change: Partial<CreateDelivery>) => updateDelivery(database.db, id, change, null, "ann", NOW);
const confirm = (id: number) => confirmDelivery(database.db, id, "ann", NOW);

/** The first message of a delivery under way gets this answer. */
async function answerFirst(id: number, outcome: Exclude<Outcome, { kind: "accepted" }>): Promise<void> {
  const { db } = database;
  const wanted = { limit: 1, avoidDomains: [], isOthers: () => false };
  const [lease] = await leaseParts(db, "a-1", id, wanted, NOW, NOW + MINUTE);
  const [message] = lease ? await loadMessages(db, lease.partId, -1, 1, NOW) : [];
  if (!lease || !message) throw new Error("nothing to send");
  const task = taskOf(holdPart(lease, { ...sendable(), validUntil: NOW + DAY }), message, []);
  const rules = await loadRules(fileURLToPath(new URL("../../rules/bounces", import.meta.url)));
  const verdict = qualifyOutcome(rules, outcome, FACTS.mx);
  const settled = settleOutcome(task, outcome, verdict, FACTS, NOW, 0.5, { relay: null, wait: null });
  if (settled.kind !== "record") throw new Error(settled.reason);
  await db.transaction((tx) => commitRecords(tx, "a-1", [settled.record]));
}

test("6: an unknown user has failed, is in quarantine at once, and the next analysis excludes them", async () => {
  const audience = await importCsv(database.db, "email\ngone@six.example\nhere@six.example\n");
  const first = await seedDelivery(database.db, { audience });
  await analyse(database.db, first);
  await confirm(first);
  const reply = { code: 550, enhanced: "5.1.1", lines: ["5.1.1 User unknown"] };
  await answerFirst(first, { kind: "refused", stage: "rcpt", reply });
  const failed = await database.db.query<{ address: string; reason: string }>(
    "select address, type, reason from messages where status = 'failed'",
  );
  expect(failed).toEqual([{ address: expect.any(String), type: "hard", reason: "user-unknown" }]);
  expect(await database.db.query("select address, status, reason from quarantine")).toEqual([
    { address: failed[0]?.address, status: "quarantined", reason: "user-unknown" },
  ]);
  const second = await seedDelivery(database.db, { audience });
  expect(await analyse(database.db, second)).toMatchObject({ excluded: { quarantined: 1 }, toDeliver: 1 });
});

test("8: the entry of an address whose last soft error was 11 days ago goes at night, that of a full mailbox after 30", async () => {
  const entries: [name: string, status: string, reason: string, days: number][] = [
    ["old", "with-errors", "unreachable", 11],
    ["recent", "with-errors", "unreachable", 9],
    ["full", "with-errors", "mailbox-full", 11],
    ["long-full", "with-errors", "mailbox-full", 31],
    ["gone", "quarantined", "user-unknown", 400],
  ];
  for (const [name, status, reason, days] of entries) {
    await database.db.query(
      `insert into quarantine (match_key, address, status, reason, errors, updated_at, counted_at)
       values ($1, $1, $2, $3, 1, $4, $4)`,
      [`${name}@eight.example`, status, reason, new Date(NOW - days * DAY)],
    );
  }
  await forgetAnswers(database.db, NOW);
  await forgetAnswers(database.db, NOW + MINUTE);
  const left = await database.db.query("select address from quarantine where address ~ 'eight' order by address");
  expect(left.map(({ address }) => address)).toEqual(["full", "gone", "recent"].map((name) => `${name}@eight.example`));
  expect(
    await database.db.query(
      "select match_key, status, cause from quarantine_history where cause = 'lapsed' order by match_key",
    ),
  ).toEqual([
    { match_key: "long-full@eight.example", status: "valid", cause: "lapsed" },
    { match_key: "old@eight.example", status: "valid", cause: "lapsed" },
  ]);
});

test("12: what a delivery shows is the validity that counts", async () => {
  const shown = async (validity: string) => {
    const id = await seedDelivery(database.db, { settings: settingsSchema.parse({ validity }) });
    return (await showDelivery(database.db, String(id))).effectiveValidity;
  };
  expect([await shown("5d"), await shown("1d")]).toEqual(["84h", "1d"]);
});

test("21: 40 opens of 100 messages, 20 of them of text only, are estimated at 50", async () => {
  const { deliveryId } = await createTrackedDelivery(database.db, {
    links: [{ url: "https://shop.example/" }],
    messages: 100,
    startedAt: NOW,
  });
  await database.db.query(
    `update deliveries set targeted = 100, excluded = 0, to_deliver = 100, analysis = '{"textMessages": 20}' where id = $1`,
    [deliveryId],
  );
  await database.db.query(
    "insert into tracking_counters (delivery_id, kind, link, recipients, total) values ($1, 'open', 0, 40, 60)",
    [deliveryId],
  );
  expect((await loadTrackingIndicators(database.db, deliveryId)).estimatedOpens).toMatchObject({
    recipients: 50,
    total: 75,
  });
});

test("33: a target of imported recipients has mirror pages like any other, without a warning", async () => {
  const html =
    '<a href="{{ message.mirror_url }}">In the browser</a> <a href="{{ message.unsubscribe_url }}">Leave</a>';
  const id = await seedDelivery(database.db, {
    audience: await importCsv(database.db, "email\nann@file.example\n"),
    content: { subject: "Hello", html, text: "Hello {{ message.unsubscribe_url }}", syntax: "liquid" },
  });
  const { ready, items } = await analyse(database.db, id);
  expect([ready, items.filter((item) => item.id.startsWith("mirror"))]).toEqual([true, []]);
});

test("35: label and code are made by the analysis, each time anew, and what cannot be made keeps the delivery from going", async () => {
  const audience = await importCsv(database.db, "email\nann@computed.example\nbroken\n");
  const computed = {
    label: "{{ delivery.shop }} {{ 'now' | date: '%Y-%m-%d' }}, {{ counts.to_deliver }} of {{ counts.targeted }}",
    code: "{{ delivery.label | slice: 0, 4 | upcase }}-{{ delivery.id }}",
  };
  const settings = settingsSchema.parse({ validity: "3d", computed, variables: { shop: "Lyon" } });
  const id = await seedDelivery(database.db, { audience, settings });
  const said = await analyse(database.db, id);
  expect(said).toMatchObject({
    ready: true,
    items: [
      { id: "computed-label", level: "info", title: "Label: Lyon 2026-11-21, 1 of 2" },
      { id: "computed-code", level: "info", title: `Code: LYON-${id}` },
    ],
  });
  const events = () =>
    database.db.query("select detail from delivery_events where delivery_id = $1 and kind = 'analysis.finished'", [id]);
  expect(await events()).toMatchObject([{ detail: { label: "Lyon 2026-11-21, 1 of 2", code: `LYON-${id}` } }]);
  const shown = await showDelivery(database.db, String(id));
  expect(shown).toMatchObject({ label: "Lyon 2026-11-21, 1 of 2", code: `LYON-${id}`, analysed: true });

  await edit(id, { settings: { ...settings, variables: { shop: "Nice" } } });
  await analyse(database.db, id);
  expect(await showDelivery(database.db, String(id))).toMatchObject({
    label: "Nice 2026-11-21, 1 of 2",
    code: `NICE-${id}`,
  });

  await edit(id, { settings: { ...settings, computed: { label: "{{ delivery.label }} again" } } });
  expect(await analyse(database.db, id)).toMatchObject({
    ready: false,
    items: [
      {
        id: "computed-label",
        level: "error",
        rule: "computed",
        title: "Label that the analysis makes, line 1, column 4",
      },
    ],
  });
  expect(await showDelivery(database.db, String(id))).toMatchObject({ label: "Nice 2026-11-21, 1 of 2" });
});

test("35: a delivery that is edited after its analysis is analysed again before it can be confirmed; what it is found by is not", async () => {
  const audience = await importCsv(database.db, "email\nann@edited.example\n");
  const id = await seedDelivery(database.db, { audience });
  await analyse(database.db, id);
  expect(await edit(id, { code: "SPRING" })).toMatchObject({ state: "ready" });
  expect(await edit(id, { sender: { name: "Others", address: "news@sender.example" } })).toMatchObject({
    state: "editing",
  });
  await expect(confirm(id)).rejects.toMatchObject({ code: "action-not-allowed" });
  await analyse(database.db, id);
  await confirm(id);
  expect(await showDelivery(database.db, String(id))).toMatchObject({ state: "in-progress" });
});

test("36: another planned day counts from the next analysis on, and nothing is confirmed before that", async () => {
  const typology = await addRules(database.db, [
    { kind: "pressure", name: "One a week", definition: { threshold: 1, days: 7, grouping: "none" } },
  ]);
  const first = await seedDelivery(database.db, { audience: await listOf(database.db, "email\nann@day.example\n") });
  await analyse(database.db, first);
  await confirm(first);
  const on = (days: number) => settingsWith({ typology, plannedFor: new Date(NOW + days * DAY).toISOString() });
  const audience = await listOf(database.db, "email\nann@day.example\nbob@day.example\n");
  const id = await seedDelivery(database.db, { audience, settings: on(1) });
  expect(await analyse(database.db, id)).toMatchObject({ excluded: { "excluded-by-arbitration": 1 }, toDeliver: 1 });
  expect(await edit(id, { settings: on(30) })).toMatchObject({ state: "editing" });
  await expect(confirm(id)).rejects.toMatchObject({ code: "action-not-allowed" });
  expect(await analyse(database.db, id)).toMatchObject({ excluded: {}, toDeliver: 2 });
});
