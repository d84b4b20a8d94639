import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { SHOP, useTracking } from "../../../test/tracking-fixture.ts";
import { BROWSER, createTrackedDelivery, KEY } from "../../../test/tracking-rig.ts";
import { DAY } from "../../core/time.ts";
import { mintToken } from "../../core/tracking/token.ts";
import { createMetrics } from "../../platform/metrics.ts";
import { forgetPersons, loadReactions, registerTrackingMetrics } from "./index.ts";

describe("reactions", () => {
  const t = useTracking();

  describe("who reacted", () => {
    test("is judged by address, header, timing and bait, and nothing is dropped", async () => {
      await t.get(t.delivery.paths(1).click(1, null));
      await t.get(t.delivery.paths(2).click(1, null), { "user-agent": "curl/8.14.1" });
      await t.get(t.delivery.paths(3).click(1, null), {}, "GET", "209.222.82.7");
      await t.get(t.delivery.paths(4).click(7, null));
      await t.get(t.delivery.paths(4).click(1, null));
      for (const link of [1, 8, 9]) await t.get(t.delivery.paths(5).click(link, null));
      await t.get(t.delivery.paths(6).open(), { "user-agent": "Mozilla/5.0" });
      await t.get(t.delivery.paths(7).click(1, null), {}, "GET", "::ffff:209.222.82.7");
      await t.server.close();
      expect((await t.events()).map((e) => `${e.seq} ${e.kind} ${e.class} ${e.signals}`).toSorted()).toEqual([
        "1 click person ",
        "2 click scanner user-agent",
        "3 click scanner rule:barracuda-network",
        "4 click scanner honeypot",
        "4 click scanner honeypot-nearby",
        "5 click scanner links-at-once",
        "5 click scanner links-at-once",
        "5 click scanner links-at-once",
        "6 open privacy-proxy rule:apple-mail-privacy user-agent",
        "7 click scanner rule:barracuda-network",
      ]);
      const { clicks, opens, byLink } = await t.figures();
      expect(clicks).toMatchObject({ recipients: 6, recipientsHuman: 1, total: 9, totalHuman: 1, personsHuman: 1 });
      expect(opens).toMatchObject({ recipients: 7, recipientsHuman: 1 });
      expect(byLink.map(({ number }) => number)).not.toContain(7);
    });

    test("right after sending is a program, whose click may come before the server's answer", async () => {
      const now = Date.now();
      const fresh = await createTrackedDelivery(t.database.db, {
        links: [{ url: SHOP }],
        messages: 2,
        startedAt: now,
        sentAt: now,
      });
      await t.get(fresh.paths(1).click(1, null));
      t.server.clock.ahead = 5000;
      await t.get(fresh.paths(2).click(1, null));
      await t.server.close();
      t.delivery = fresh;
      expect((await t.events()).map((e) => e.signals)).toEqual(["too-soon", ""]);
    });
  });

  test("20: John, Marie, Florian and Henry make 3 opens, 2 clicks, 6 persons, 4 forwards and a reactivity of 66.67 %", async () => {
    const [, marie, florian, henry] = [1, 2, 3, 4].map((seq) => t.delivery.paths(seq));
    if (!marie || !florian || !henry) throw new Error("four recipients");
    const cookieOf = (answer: { cookies: { name: string; value: string }[] }) =>
      `other=1; envoi_p=${answer.cookies[0]?.value}; more=2`;
    await t.get(marie.open());
    await t.get(florian.open());
    const mine = cookieOf(await t.get(florian.click(1, null)));
    for (let i = 0; i < 8; i++) expect((await t.get(florian.click(1, null), { cookie: mine })).cookies).toEqual([]);
    // A friend to whom Florian forwarded it, in a browser of their own.
    await t.get(florian.open());
    const friends = cookieOf(await t.get(florian.click(1, null)));
    await t.get(florian.click(1, null), { cookie: friends });
    // Henry's browser keeps no cookies.
    await t.get(henry.open());
    for (let i = 0; i < 4; i++) await t.get(henry.click(1, null));
    await t.server.close();

    // One of the four got text only.
    await t.database.db.query(
      `update deliveries set targeted = 4, excluded = 0, to_deliver = 4, analysis = '{"textMessages": 1}' where id = $1`,
      [t.delivery.deliveryId],
    );
    const { opens, estimatedOpens, clicks, reactivity, estimatedForwards, byLink, ...rest } = await t.figures();
    expect(estimatedOpens).toMatchObject({ recipients: 4, recipientsHuman: 4 });
    expect(opens).toMatchObject({ recipients: 3, recipientsHuman: 3 });
    expect(clicks).toMatchObject({
      recipients: 2,
      recipientsHuman: 2,
      total: 15,
      totalHuman: 15,
      persons: 6,
      personsHuman: 6,
    });
    expect(estimatedForwards).toBe(4);
    expect(((reactivity ?? 0) * 100).toFixed(2)).toBe("66.67");
    expect(rest).toMatchObject({ estimatedForwardsHuman: 4, reactivityHuman: reactivity });
    expect(byLink[0]).toEqual({
      number: 1,
      label: "Shop",
      category: "sales",
      url: SHOP,
      mode: "tracked",
      recipients: 2,
      recipientsHuman: 2,
      total: 15,
      totalHuman: 15,
    });
  });

  test("figures are those of the events themselves", async () => {
    const agents = [BROWSER, "curl/8.14.1", "Mozilla/5.0"];
    for (let i = 0; i < 300; i++) {
      const path = t.delivery.paths((i % 10) + 1);
      const headers = {
        "user-agent": agents[i % 3] ?? "",
        ...(i % 4 === 0 ? { cookie: `envoi_p=${"p".repeat(21)}${i % 8}` } : {}),
      };
      await t.get(i % 5 === 0 ? path.open() : path.click((i % 2) + 1, null), headers);
    }
    await t.server.close();
    const [counted] = await t.database.db.query(
      `select count(distinct (part_id, seq)) as opens, count(distinct (part_id, seq)) filter (where class = 'person') as "opensHuman",
              count(*) filter (where kind = 'open') as total,
              count(distinct (part_id, seq)) filter (where kind = 'click') as clicks,
              count(distinct (part_id, seq)) filter (where kind = 'click' and class = 'person') as "clicksHuman",
              count(*) filter (where kind = 'click' and class = 'person') as "clicksTotalHuman",
              count(distinct person) filter (where kind = 'click') as persons,
              count(distinct person) filter (where kind = 'click' and class = 'person') as "personsHuman",
              count(distinct (part_id, seq)) filter (where kind = 'click' and link = 2) as second
         from tracking_events where delivery_id = $1`,
      [t.delivery.deliveryId],
    );
    const { opens, clicks, byLink } = await t.figures();
    expect({
      opens: opens.recipients,
      opensHuman: opens.recipientsHuman,
      total: opens.total,
      clicks: clicks.recipients,
      clicksHuman: clicks.recipientsHuman,
      clicksTotalHuman: clicks.totalHuman,
      persons: clicks.persons,
      personsHuman: clicks.personsHuman,
      second: byLink[1]?.recipients,
    }).toEqual(counted);
    expect(clicks.personsHuman).toBeLessThan(clicks.persons);
  });

  test("visits of the pages are reactions, at their own links; a button pressed is a person's", async () => {
    const token = { deliveryId: t.delivery.deliveryId, partId: t.delivery.partId, seq: 3, mark: "live" as const };
    await t.server.tracker.recordReaction({ token, kind: "opt-out", request: null, reply: null });
    await t.server.tracker.recordReaction({ token: { ...token, seq: 4 }, kind: "mirror", request: null, reply: null });
    await t.get(t.delivery.paths(5).click(6, null));
    await t.server.close();
    const { opens, clicks, mirrorViews, optOuts, byLink } = await t.figures();
    expect(opens).toMatchObject({ recipients: 3, recipientsHuman: 3, total: 0 });
    expect(clicks.recipients).toBe(0);
    expect(mirrorViews).toEqual({ recipients: 1, recipientsHuman: 1, total: 1, totalHuman: 1 });
    expect(optOuts).toMatchObject({ recipients: 2, total: 2 });
    expect(byLink.map(({ number, total }) => [number, total]).filter(([, total]) => total)).toEqual([
      [4, 1],
      [5, 1],
      [6, 1],
    ]);
  });

  test("a message tells what its recipient did, newest first", async () => {
    await t.get(t.delivery.paths(1).open());
    t.server.clock.ahead = 1000;
    await t.get(t.delivery.paths(1).click(3, "https://x.example/?c=7"));
    await t.server.close();
    const reactions = await loadReactions(t.database.db, { partId: t.delivery.partId, seq: 1 });
    expect(reactions).toMatchObject([
      { kind: "click", class: "person", link: { number: 3, label: "Code" }, userAgent: BROWSER },
      { kind: "open", class: "person", link: null },
    ]);
    expect(await loadReactions(t.database.db, { partId: t.delivery.partId, seq: 2 })).toEqual([]);
  });

  test("nothing is left on the disk when all is stored; events of dropped partitions are let go", async () => {
    await t.get(
      `/r/${mintToken(KEY, { kind: "click", deliveryId: t.delivery.deliveryId, partId: 4_000_000, seq: 1, link: 1, url: null, mark: "live" })}`,
    );
    await t.get(t.delivery.paths(1).click(1, null));
    await t.server.close();
    expect(readdirSync(join(t.dir, "tracking"))).toEqual([]);
    expect(await t.events()).toHaveLength(1);
    expect((await t.figures()).clicks.total).toBe(1);
  });

  test("what is forgotten with its delivery is who clicked, not how many", async () => {
    await t.get(t.delivery.paths(1).click(1, null));
    await t.server.close();
    await t.database.db.query("update deliveries set finished_at = now() - interval '2 days' where id = $1", [
      t.delivery.deliveryId,
    ]);
    expect(await forgetPersons(t.database.db, Date.now() - DAY)).toBe(2);
    expect((await t.figures()).clicks.persons).toBe(1);
  });

  test("metrics say what was counted, what waits and what was lost", async () => {
    await t.get(t.delivery.paths(1).click(1, null));
    const metrics = createMetrics();
    registerTrackingMetrics(metrics, t.database.db, t.server.tracker);
    expect(await metrics.render()).toContain("envoi_tracking_events_waiting 1");
    await t.server.close();
    const text = await metrics.render();
    expect(text).toMatch(/envoi_reactions\{kind="click",by="person"\} \d+/);
    expect(text).toContain("envoi_tracking_events_lost 0");
  });
});
