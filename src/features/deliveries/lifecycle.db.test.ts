/** Every act on a delivery in every state: what it becomes, or that it is refused and nothing changed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { NOW, seedDelivery, seedInProgress } from "../../../test/seed-delivery.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { AppError } from "../../platform/errors.ts";
import {
  confirmDelivery,
  CONTROL_CHANNEL,
  holdDelivery,
  pauseDelivery,
  resumeDelivery,
  settleDelivery,
  stopDelivery,
} from "./lifecycle.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const STATES: readonly DeliveryState[] = [
  "editing",
  "analysing",
  "ready",
  "in-progress",
  "pausing",
  "paused",
  "stopping",
  "stopped",
  "finished",
];

const LATER = NOW + 60_000;
const ACTS = {
  confirm: confirmDelivery,
  pause: pauseDelivery,
  resume: resumeDelivery,
  stop: stopDelivery,
} as const;
type Act = keyof typeof ACTS;

/** What is allowed; everything else is refused. */
const ALLOWED: Readonly<Record<Act, Partial<Record<DeliveryState, DeliveryState>>>> = {
  confirm: { ready: "in-progress" },
  pause: { "in-progress": "pausing" },
  resume: { paused: "in-progress", pausing: "in-progress" },
  stop: { "in-progress": "stopping", pausing: "stopping", paused: "stopping" },
};

async function deliveryIn(state: DeliveryState): Promise<number> {
  const id = await seedDelivery(database.db);
  await database.db.query("update deliveries set state = $2, analysed_version = version where id = $1", [id, state]);
  return id;
}

/** A part with counters alone: settling looks at nothing else. */
async function addPart(id: number, counters: { open: number; owner?: string }): Promise<number> {
  const [row] = await database.db.query<{ id: number }>(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending, sent, owner)
     values (nextval('delivery_part_ids'), $1, 10, $2, 10 - $2, $3) returning id`,
    [id, counters.open, counters.owner ?? null],
  );
  return row?.id ?? 0;
}

async function rowOf(id: number) {
  const [row] = await database.db.query<{
    state: DeliveryState;
    hold_reason: string | null;
    started_at: number | null;
    finished_at: number | null;
    valid_until: number | null;
    updated_at: number;
  }>("select * from deliveries where id = $1", [id]);
  return row!;
}

describe.each(Object.keys(ACTS) as Act[])("%s", (act) => {
  test.each(STATES)("a delivery that is %s", async (state) => {
    const id = await deliveryIn(state);
    const before = await rowOf(id);
    const next = ALLOWED[act][state];
    if (next) {
      await ACTS[act](database.db, id, "ann", LATER);
      expect(await rowOf(id)).toMatchObject({ state: next, updated_at: LATER });
      const events = await database.db.query("select actor from delivery_events where delivery_id = $1 order by id", [
        id,
      ]);
      expect(events.at(-1)).toEqual({ actor: "ann" });
      return;
    }
    const refusal = await ACTS[act](database.db, id, "ann", LATER).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "action-not-allowed", params: { currentState: state } });
    expect(await rowOf(id)).toEqual(before);
  });

  test("a delivery that does not exist", async () => {
    await expect(ACTS[act](database.db, 999_999, "ann", LATER)).rejects.toMatchObject({ code: "not-found" });
  });
});

test("confirming starts the validity period and makes the parts due", async () => {
  const id = await deliveryIn("ready");
  await database.db.query(`update deliveries set settings = settings || '{"validity": "36h"}' where id = $1`, [id]);
  const part = await addPart(id, { open: 10 });
  await confirmDelivery(database.db, id, "ann", LATER);
  expect(await rowOf(id)).toMatchObject({ started_at: LATER, valid_until: LATER + 36 * 3_600_000 });
  expect(await database.db.query("select due_at from delivery_parts where id = $1", [part])).toEqual([
    { due_at: LATER },
  ]);
});

test("what was edited after its analysis cannot be confirmed", async () => {
  const id = await deliveryIn("ready");
  await database.db.query("update deliveries set version = version + 1 where id = $1", [id]);
  await expect(confirmDelivery(database.db, id, "ann", LATER)).rejects.toMatchObject({ code: "delivery-changed" });
  expect((await rowOf(id)).state).toBe("ready");
});

test.each(STATES)("holding a delivery that is %s", async (state) => {
  const id = await deliveryIn(state);
  const before = await rowOf(id);
  await holdDelivery(database.db, id, "relay: 535 no", LATER);
  await holdDelivery(database.db, id, "relay: 535 no", LATER);
  const events = await database.db.query(
    "select 1 from delivery_events where delivery_id = $1 and kind = 'delivery.held'",
    [id],
  );
  if (state === "in-progress") {
    expect(await rowOf(id)).toMatchObject({ state: "pausing", hold_reason: "relay: 535 no" });
    expect(events).toHaveLength(1);
    await resumeDelivery(database.db, id, "ann", LATER);
    expect(await rowOf(id)).toMatchObject({ state: "in-progress", hold_reason: null });
  } else {
    expect(await rowOf(id)).toEqual(before);
    expect(events).toEqual([]);
  }
});

type Settled = { state: DeliveryState; open: number; leased: boolean; becomes: DeliveryState };
const SETTLED: readonly Settled[] = [
  { state: "in-progress", open: 5, leased: false, becomes: "in-progress" },
  { state: "in-progress", open: 0, leased: true, becomes: "in-progress" },
  { state: "in-progress", open: 0, leased: false, becomes: "finished" },
  { state: "pausing", open: 5, leased: true, becomes: "pausing" },
  { state: "pausing", open: 5, leased: false, becomes: "paused" },
  { state: "pausing", open: 0, leased: false, becomes: "finished" },
  { state: "stopping", open: 5, leased: true, becomes: "stopping" },
  { state: "stopping", open: 5, leased: false, becomes: "stopped" },
  { state: "stopping", open: 0, leased: false, becomes: "stopped" },
  ...(["editing", "analysing", "ready", "paused", "stopped", "finished"] as const).map((state) => ({
    state,
    open: 5,
    leased: false,
    becomes: state,
  })),
];

test.each(SETTLED)(
  "settling $state with $open open, leased $leased: $becomes",
  async ({ state, open, leased, becomes }) => {
    const id = await deliveryIn(state);
    const part = await addPart(id, { open, ...(leased ? { owner: "s-1" } : {}) });
    await settleDelivery(database.db, id, LATER);
    const row = await rowOf(id);
    expect(row.state).toBe(becomes);
    expect(row.finished_at).toBe(state !== becomes && ["finished", "stopped"].includes(becomes) ? LATER : null);
    const cancelled = becomes === "stopped" && state === "stopping" ? open : 0;
    expect(await database.db.query("select pending, cancelled from delivery_parts where id = $1", [part])).toEqual([
      { pending: open - cancelled, cancelled },
    ]);
  },
);

test("stopping cancels every message that is not final, in all parts, and keeps the counters true", async () => {
  const id = await seedInProgress(database.db, 700, 10);
  const [first] = await database.db.query<{ id: number }>(
    "select min(id) as id from delivery_parts where delivery_id = $1",
    [id],
  );
  await database.db.query("update messages set status = 'sent' where part_id = $1 and seq < 4", [first?.id]);
  await database.db.query("update messages set status = 'taken-into-account' where part_id = $1 and seq >= 8", [
    first?.id,
  ]);
  await database.db.query("update delivery_parts set pending = 4, sent = 4, retrying = 2 where id = $1", [first?.id]);
  await stopDelivery(database.db, id, "ann", LATER);
  await settleDelivery(database.db, id, LATER);
  expect((await rowOf(id)).state).toBe("stopped");
  const counted = await database.db.query(
    `select m.status, count(*) as n from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 group by 1 order by 1`,
    [id],
  );
  expect(counted).toEqual([
    { status: "cancelled", n: 696 },
    { status: "sent", n: 4 },
  ]);
  const [sums] = await database.db.query(
    "select sum(cancelled) as cancelled, sum(sent) as sent, sum(pending + retrying) as open from delivery_parts where delivery_id = $1",
    [id],
  );
  expect(sums).toEqual({ cancelled: 696, sent: 4, open: 0 });
});

test("pause says what senders have on the wire, and senders hear of it", async () => {
  const id = await deliveryIn("in-progress");
  await database.db.query("insert into sender_status values ('a-1', $1, 7, 1, now()), ('a-2', $1, 4, 1, now())", [id]);
  let hear = (_id: string) => {};
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const listener = await database.db.listen(CONTROL_CHANNEL, (payload) => payload !== "" && hear(payload));
  expect(await pauseDelivery(database.db, id, "ann", LATER)).toEqual({ onWire: 11 });
  expect(await heard).toBe(String(id));
  await listener.close();
});
