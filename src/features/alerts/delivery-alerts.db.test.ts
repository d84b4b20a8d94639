/** Alerts about a delivery on a real database: each kind from what raises it to what ends it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { AlertRig, NOW } from "../../../test/alert-rig.ts";
import { ALERT_KIND_NAMES } from "../../core/alert/alert-kinds.ts";
import { DAY, HOUR, MINUTE } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";

let rig: AlertRig;
beforeAll(async () => {
  rig = await AlertRig.open();
});
afterAll(() => rig.close());
beforeEach(() => rig.clear());

const parts = (counts: { sent?: number; failed?: number; retrying?: number }) => {
  const { sent = 0, failed = 0, retrying = 0 } = counts;
  return rig.sql(
    `update delivery_parts set sent = $1, failed = $2, retrying = $3, pending = to_deliver - $1 - $2 - $3`,
    sent,
    failed,
    retrying,
  );
};
const mark = (count: number, status: string, type: string | null) =>
  rig.sql("update messages set attempts = 1, status = $2, type = $3 where seq < $1", count, status, type);
async function clean(): Promise<void> {
  await parts({});
  await rig.sql("update messages set attempts = 0, status = 'pending', type = null");
}
const state = (text: string) => rig.sql(`update deliveries set ${text} where id = $1`, rig.delivery);

describe("a delivery", () => {
  beforeEach(() => rig.sql("update deliveries set started_at = $1", timestamp(NOW - MINUTE)));

  it("pauses by itself", () =>
    rig.comesAndGoes(
      "delivery-held",
      () => state("state = 'paused', hold_reason = 'no key signs'"),
      () => state("state = 'in-progress', hold_reason = null"),
      /^Delivery \d+ "Sale" paused by itself: no key signs$/,
    ));

  it("cannot be analysed", () =>
    rig.comesAndGoes(
      "analysis-failed",
      async () => {
        await state("state = 'editing'");
        await rig.sql(
          "insert into delivery_events (delivery_id, at, kind, actor, detail) values ($1, $2, 'analysis.failed', '', $3)",
          rig.delivery,
          timestamp(NOW),
          { error: "disk" },
        );
      },
      async () => {
        await state("state = 'in-progress'");
        await rig.sql("delete from delivery_events where kind = 'analysis.failed'");
      },
      /^The analysis of delivery \d+ "Sale" failed: disk$/,
    ));

  it("does not begin in time", () =>
    rig.comesAndGoes(
      "start-late",
      () =>
        rig.sql(
          "update deliveries set state = 'scheduled', start_at = $1, start_not_after = $2, start_by = ''",
          timestamp(NOW - HOUR),
          timestamp(NOW + HOUR),
        ),
      () => state("state = 'in-progress', start_at = null, start_not_after = null, start_by = null"),
      /should have begun and has not/,
    ));

  it("missed its date", () =>
    rig.comesAndGoes(
      "start-missed",
      async () => {
        await state("state = 'ready'");
        await rig.sql(
          "insert into delivery_events (delivery_id, at, kind, actor) values ($1, $2, 'delivery.missed', '')",
          rig.delivery,
          timestamp(NOW),
        );
      },
      async () => {
        await state("state = 'in-progress'");
        await rig.sql("delete from delivery_events where kind = 'delivery.missed'");
      },
      /too late when it could have/,
    ));

  it("bounces hard", () =>
    rig.comesAndGoes(
      "hard-bounces",
      async () => {
        await parts({ sent: 90, failed: 10 });
        await mark(100, "sent", null);
        await mark(10, "failed", "hard");
      },
      clean,
      /: 10 % of 200 messages looked at bounced hard$/,
    ));

  it("meets soft errors; hard ones are not meant", async () => {
    const soft = async () => {
      await parts({ sent: 90, failed: 4, retrying: 6 });
      await mark(100, "sent", null);
      await mark(10, "failed", "hard");
      await mark(6, "taken-into-account", "soft");
    };
    await rig.comesAndGoes("soft-bounces", soft, clean, /: 6 % of 200 messages looked at met soft errors$/);
  });

  it("29: 5.1 % soft errors are in the next mail, those of 49 messages and of a delivery that ended a day ago in none", async () => {
    const rules = Object.fromEntries(ALERT_KIND_NAMES.map((kind) => [kind, { on: kind === "soft-bounces" }]));
    await rig.set({ rules, addresses: ["ops@ours.example"] });
    const subjects = () => rig.web.db.query("select subject from notices");
    await parts({ sent: 21, retrying: 3 });
    await rig.sql(
      "update delivery_parts set sent = 22, pending = pending - 1 where id = (select min(id) from delivery_parts)",
    );
    await mark(24, "sent", null);
    await mark(3, "taken-into-account", "soft");
    await rig.look();
    expect(await subjects()).toEqual([]);
    await parts({ sent: 93, retrying: 5 });
    await mark(98, "sent", null);
    await mark(5, "taken-into-account", "soft");
    await rig.look(NOW + 1);
    expect(await subjects()).toEqual([
      { subject: expect.stringMatching(/: 5.1 % of 196 messages looked at met soft errors$/) },
    ]);
    await rig.sql("update deliveries set state = 'finished', finished_at = $1", timestamp(NOW - 25 * HOUR));
    await rig.look(NOW + 2);
    expect(await rig.messages()).toEqual([]);
    await state("state = 'in-progress', finished_at = null");
    await clean();
  });

  it("says nothing while few are final", async () => {
    await rig.only("low-success", { least: 300 });
    await parts({ sent: 50, failed: 50 });
    await rig.look();
    expect(await rig.messages()).toEqual([]);
    await rig.only("low-success");
    await rig.look();
    expect(await rig.messages()).toEqual([expect.stringMatching(/only 50 % of 200 messages arrived$/)]);
    // It ended long ago.
    await rig.look(NOW + 2 * DAY);
    expect(await rig.messages()).toHaveLength(1);
    await rig.sql("update deliveries set state = 'finished', finished_at = $1", timestamp(NOW - 2 * DAY));
    await rig.look(NOW + 2 * DAY + 1);
    expect(await rig.messages()).toEqual([]);
    await state("state = 'in-progress', finished_at = null");
    await clean();
  });

  it("is called spam", async () => {
    await rig.only("complaints", { least: 100, percent: 1 });
    await parts({ sent: 100 });
    await rig.sql(
      "insert into tracking_counters (delivery_id, kind, link, recipients) values ($1, 'complaint', 0, 3)",
      rig.delivery,
    );
    await rig.look();
    expect(await rig.messages()).toEqual([expect.stringMatching(/3 recipients called it spam, 1.5 % of 200$/)]);
    await rig.sql("delete from tracking_counters");
    await clean();
  });

  it("is slow", () =>
    rig.comesAndGoes(
      "slow",
      async () => {
        await parts({ sent: 10 });
        await rig.sql("update deliveries set started_at = $1", timestamp(NOW - 2 * HOUR));
      },
      async () => {
        await clean();
        await rig.sql("update deliveries set started_at = $1", timestamp(NOW - MINUTE));
      },
      /is slow: 20 of 200 messages, 10 an hour$/,
    ));

  it("is in progress, which only who wants to know is told", async () => {
    await rig.look();
    expect((await rig.alerts()).map(({ kind }) => kind)).not.toContain("running");
    await rig.only("running");
    await rig.look(NOW + 1);
    expect((await rig.alerts()).map(({ level, deliveryId }) => [level, deliveryId])).toEqual([
      ["info", String(rig.delivery)],
    ]);
  });

  it("waits for senders that are not there", async () => {
    await rig.only("senders-silent");
    await rig.sql("update delivery_parts set due_at = $1", timestamp(NOW - HOUR));
    await rig.look();
    expect(await rig.messages()).toEqual(["No sender runs, and messages of 1 deliveries are due"]);
    await rig.sql("insert into senders (sender, index, of, seen_at) values ('s', 0, 1, $1)", timestamp(NOW));
    await rig.look(NOW + 1);
    expect(await rig.messages()).toEqual([]);
  });
});
