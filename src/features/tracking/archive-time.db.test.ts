/** While nobody but an archive can have a message, its reactions are the archive's; while that is not known, they wait. */
import { beforeEach, describe, expect, test } from "vitest";

import { SHOP, useTracking } from "../../../test/tracking-fixture.ts";
import { createTrackedDelivery, startTrackingServer, type TrackedDelivery } from "../../../test/tracking-rig.ts";
import { HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { createMetrics } from "../../platform/metrics.ts";
import { loadTrackingIndicators, registerTrackingMetrics } from "./index.ts";

const NOTHING = { opens: 0, clicks: 0, mirrorViews: 0, optOuts: 0 };

describe("reactions by time, where copies are made before their originals leave", () => {
  const t = useTracking();
  let delivery: TrackedDelivery;
  const events = async (deliveryId = delivery.deliveryId) =>
    (
      await t.database.db.query<{ line: string }>(
        `select seq || ' ' || kind || ' ' || class || ' ' || signals as line from tracking_events
          where delivery_id = $1 order by seq`,
        [deliveryId],
      )
    ).map(({ line }) => line.trim());
  beforeEach(async () => {
    await t.database.db.query("delete from tracking_undecided");
    delivery = await createTrackedDelivery(t.database.db, {
      links: [{ url: SHOP }],
      messages: 20,
      startedAt: Date.now() - HOUR,
      copies: "before",
    });
  });
  const attempt = (seq: number, since: number, kind = "accepted", stage = "dot", tookMs: number | null = 100) =>
    t.database.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, stage, reply, duration_ms)
       select $1, $2, 1 + count(*), $3, $4, $5, '', $6 from message_attempts where part_id = $1 and seq = $2`,
      [delivery.partId, seq, timestamp(Date.now() + since), kind, stage, tookMs],
    );
  const hold = (owner: string | null) =>
    t.database.db.query("update delivery_parts set owner = $2 where id = $1", [delivery.partId, owner]);
  const undecided = async () =>
    (await t.database.db.query<{ count: number }>("select count(*) from tracking_undecided"))[0]?.count;
  const open = (seq: number) => t.get(delivery.paths(seq).open());

  test("whoever had it before any server did is the archive; in doubt nobody is", async () => {
    await attempt(2, -MINUTE);
    await attempt(3, HOUR);
    await attempt(4, -MINUTE, "refused", "rcpt");
    await attempt(5, -MINUTE, "refused", "dot");
    await attempt(6, -MINUTE, "lost", "data");
    await attempt(7, 5 * SECOND);
    await attempt(8, -MINUTE, "in-doubt");
    await attempt(9, HOUR);
    await attempt(10, 0, "refused", "dot");
    await t.database.db.query("update messages set in_doubt = true where part_id = $1 and seq in (8, 9)", [
      delivery.partId,
    ]);
    for (let seq = 1; seq <= 10; seq++) await open(seq);
    await t.server.close();
    expect(await events()).toEqual([
      "1 open archive archive-time",
      "2 open person",
      "3 open archive archive-time",
      "4 open archive archive-time",
      "5 open archive archive-time",
      "6 open archive archive-time",
      "7 open person",
      "8 open person",
      "9 open person",
      "10 open person",
    ]);
    expect((await loadTrackingIndicators(t.database.db, delivery.deliveryId)).archive).toEqual({
      ...NOTHING,
      opens: 5,
    });
  });

  test("while a sender has the part it waits for the outcome: a late commit takes nobody for the archive", async () => {
    await hold("sender-1");
    await open(1);
    await open(2);
    await open(3);
    await attempt(3, -MINUTE);
    await expect.poll(undecided, { timeout: 10_000 }).toBe(2);
    expect(await events()).toEqual(["3 open person"]);
    const metrics = createMetrics();
    registerTrackingMetrics(metrics, t.database.db, t.server.tracker);
    expect(await metrics.render()).toContain("envoi_tracking_events_undecided 2");
    // What was accepted before the event is committed only now; the other one is refused, and the part given back.
    await attempt(1, -MINUTE);
    await attempt(2, -MINUTE, "refused", "rcpt");
    t.server.clock.ahead = 6 * SECOND;
    await expect.poll(undecided, { timeout: 10_000 }).toBe(1);
    expect(await events()).toEqual(["1 open person", "3 open person"]);
    await hold(null);
    t.server.clock.ahead = 12 * SECOND;
    await expect.poll(undecided, { timeout: 10_000 }).toBe(0);
    expect(await events()).toEqual(["1 open person", "2 open archive archive-time", "3 open person"]);
  });

  test("what is never known counts after an hour, and waits through a restart", async () => {
    await hold("sender-1");
    await t.get(delivery.paths(1).click(1, null), { "user-agent": "curl/8.14.1" });
    await t.server.close();
    expect(await undecided()).toBe(1);
    t.server = await startTrackingServer(t.database.db, t.dir);
    t.server.clock.ahead = HOUR + SECOND;
    await expect.poll(undecided, { timeout: 10_000 }).toBe(0);
    expect(await events()).toEqual(["1 click scanner user-agent"]);
    // Stored at once when it is that old already.
    t.server.clock.ahead = -2 * HOUR;
    await open(2);
    t.server.clock.ahead = 0;
    await t.server.close();
    expect(await events()).toEqual(["1 click scanner user-agent", "2 open person"]);
  });

  test("says nothing where copies are made afterwards, or none", async () => {
    for (const copies of ["after", undefined] as const) {
      const other = await createTrackedDelivery(t.database.db, {
        links: [{ url: SHOP }],
        messages: 1,
        startedAt: Date.now() - HOUR,
        ...(copies && { copies }),
      });
      await t.get(other.paths(1).open());
      await expect.poll(() => events(other.deliveryId), { timeout: 10_000 }).toEqual(["1 open person"]);
    }
  });

  test("is asked before a wish is carried out; what was carried out stays the recipient's", async () => {
    const token = (seq: number) =>
      ({ deliveryId: delivery.deliveryId, partId: delivery.partId, seq, mark: "live" }) as const;
    const { tracker } = t.server;
    await attempt(2, -MINUTE);
    expect(await tracker.recogniseArchive(token(1), null)).toEqual(["archive-time"]);
    expect(await tracker.recogniseArchive(token(2), null)).toEqual([]);
    expect(await tracker.recogniseArchive({ ...token(1), seq: 999 }, null)).toEqual([]);
    await hold("sender-1");
    const archive = await tracker.recogniseArchive(token(1), null);
    expect(archive).toEqual([]);
    await tracker.recordReaction({ token: token(1), kind: "opt-out", request: null, reply: null, archive });
    await tracker.recordReaction({
      token: token(3),
      kind: "opt-out",
      request: null,
      reply: null,
      archive: ["archive-network"],
    });
    await hold(null);
    await t.server.close();
    expect(await events()).toEqual([
      "1 opt-out person posted no-user-agent",
      "3 opt-out archive archive-network no-user-agent",
    ]);
  });
});
