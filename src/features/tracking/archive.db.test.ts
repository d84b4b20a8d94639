/** Reactions to copies in an archive: recognised, counted apart, and in no figure of the recipients. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { SHOP, useTracking } from "../../../test/tracking-fixture.ts";
import {
  BROWSER,
  createTrackedDelivery,
  startTrackingServer,
  type TrackedDelivery,
} from "../../../test/tracking-rig.ts";
import { HOUR } from "../../core/time.ts";
import { loadReactions, loadTrackingIndicators } from "./index.ts";

const INDEXER = "Mozilla/5.0 (compatible; Archive-Indexer/2.1)";
const NOTHING = { opens: 0, clicks: 0, mirrorViews: 0, optOuts: 0 };

describe("reactions to copies", () => {
  const t = useTracking();

  const readers = (value: { networks?: string[]; userAgents?: string[] }) =>
    t.database.db.query(
      `insert into platform_settings (settings, updated_at) values ($1, now())
       on conflict (id) do update set settings = excluded.settings`,
      [
        JSON.stringify({
          archive: {
            timing: "before",
            strict: false,
            copy: "exact",
            giveUpAfter: "7d",
            debtLimit: 100_000,
            readers: { networks: [], userAgents: [], ...value },
          },
        }),
      ],
    );
  const events = async () =>
    (await t.events()).map((e) => `${e.seq} ${e.kind} ${e.class} ${e.signals}`.trim()).toSorted();

  beforeEach(async () => {
    await t.database.db.query("delete from platform_settings");
  });

  test("of an inert copy are known by their tokens: they lead where they should and give no cookie", async () => {
    const copy = t.delivery.paths(1, { mark: "copy" });
    const answer = await t.get(copy.click(1, null));
    expect([answer.statusCode, answer.headers.location]).toEqual([302, SHOP]);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await t.get(copy.click(3, SHOP))).headers.location).toBe(SHOP);
    expect((await t.get(copy.open())).headers["content-type"]).toBe("image/gif");
    await t.get(copy.click(6, null));
    const token = { deliveryId: t.delivery.deliveryId, partId: t.delivery.partId, seq: 2, mark: "copy" } as const;
    await t.server.tracker.recordReaction({ token, kind: "mirror", request: null, reply: null });
    expect(await t.server.tracker.recogniseArchive(token, null)).toEqual(["archive-token"]);
    await t.server.close();
    expect(await events()).toEqual([
      "1 click archive archive-token",
      "1 click archive archive-token",
      "1 open archive archive-token",
      "1 opt-out archive archive-token",
      "2 mirror archive archive-token no-user-agent",
    ]);
    expect((await t.figures()).archive).toEqual({ opens: 1, clicks: 2, mirrorViews: 1, optOuts: 1 });
    expect(await traces()).toEqual({ counted: 0, messages: 0, persons: 0 });
    expect(await loadReactions(t.database.db, { partId: t.delivery.partId, seq: 2 })).toMatchObject([
      { kind: "mirror", class: "archive" },
    ]);
  });

  /** What reactions of recipients leave behind. */
  async function traces() {
    const [row] = await t.database.db.query(
      `select (select coalesce(sum(recipients + total + persons), 0)::int from tracking_counters where delivery_id = $1) as counted,
              (select count(*) from message_reactions where part_id = $2) as messages,
              (select count(*) from tracking_persons where delivery_id = $1) as persons`,
      [t.delivery.deliveryId, t.delivery.partId],
    );
    return row;
  }

  test("of exact copies are known by network and user agent, as the settings are now", async () => {
    await readers({
      networks: ["198.51.100.0/24", "2001:db8:a::/48", "203.0.113.9"],
      userAgents: ["ARCHIVE-indexer/"],
    });
    const click = (seq: number, ip: string, agent = BROWSER) =>
      t.get(t.delivery.paths(seq).click(1, null), { "user-agent": agent }, "GET", ip);
    await click(1, "198.51.100.255");
    await click(2, "198.51.101.0");
    await click(3, "::ffff:198.51.100.1");
    await click(4, "2001:db8:a:ffff::1");
    await click(5, "2001:db8:b::1");
    await click(6, "203.0.113.9");
    await click(7, "192.0.2.1", INDEXER);
    await click(8, "203.0.113.9", INDEXER);
    await expect.poll(() => events(), { timeout: 10_000 }).toHaveLength(8);
    expect((await events()).map((line) => line.replace(" user-agent", ""))).toEqual([
      "1 click archive archive-network",
      "2 click person",
      "3 click archive archive-network",
      "4 click archive archive-network",
      "5 click person",
      "6 click archive archive-network",
      "7 click archive archive-user-agent",
      "8 click archive archive-network archive-user-agent",
    ]);
    await readers({});
    await expect
      .poll(
        async () => {
          await click(9, "203.0.113.9");
          return (await events()).at(-1);
        },
        { timeout: 10_000, interval: 500 },
      )
      .toBe("9 click person");
  });

  test("a reader who follows a link while the archive follows all is no machine for that", async () => {
    await readers({ networks: ["198.51.100.0/24"] });
    await t.get(t.delivery.paths(1).click(1, null));
    for (const link of [2, 6, 8, 9, 7]) await t.get(t.delivery.paths(1).click(link, null), {}, "GET", "198.51.100.7");
    await t.server.close();
    expect((await events()).filter((line) => line.includes("person"))).toEqual(["1 click person"]);
    expect((await t.figures()).archive).toEqual({ ...NOTHING, clicks: 4, optOuts: 1 });
  });

  test("whatever an archive does, every figure is what it would be without it", async () => {
    await readers({ networks: ["198.51.100.0/24"], userAgents: ["archive-indexer"] });
    const visit = fc.record({
      seq: fc.integer({ min: 1, max: 4 }),
      what: fc.constantFrom<"open" | number>("open", 1, 2, 6, 7, 8),
      agent: fc.constantFrom(BROWSER, "curl/8.14.1", "Mozilla/5.0"),
      person: fc.option(fc.constantFrom("a", "b")),
      archive: fc.constantFrom(null, null, "network", "user-agent", "token"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 40 }), async (visits) => {
        const [mixed, alone] = [await newDelivery(), await newDelivery()];
        const server = await startTrackingServer(t.database.db, t.dir);
        for (const { seq, what, agent, person, archive } of visits) {
          for (const delivery of archive === null ? [mixed, alone] : [mixed]) {
            const urls = delivery.paths(seq, { mark: archive === "token" ? "copy" : "live" });
            await server.app.inject({
              method: "GET",
              url: what === "open" ? urls.open() : urls.click(what, null),
              headers: {
                "user-agent": archive === "user-agent" ? INDEXER : agent,
                ...(person !== null && { cookie: `envoi_p=${person.repeat(22)}` }),
              },
              remoteAddress: archive === "network" ? "198.51.100.3" : "192.0.2.1",
            });
          }
        }
        await server.close();
        const [with_, without] = [await figuresOf(mixed), await figuresOf(alone)];
        expect(with_.figures).toEqual(without.figures);
        expect(without.archive).toEqual(NOTHING);
        const made = visits.filter(({ archive }) => archive !== null).length;
        expect(Object.values(with_.archive).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(made);
        expect(with_.archive.clicks).toBe(visits.filter(isArchiveClick).length);
      }),
      { numRuns: 15 },
    );
    type Visit = typeof visit extends fc.Arbitrary<infer V> ? V : never;
    function isArchiveClick({ what, archive }: Visit): boolean {
      return archive !== null && what !== "open" && what !== 6;
    }
  }, 60_000);

  function newDelivery() {
    return createTrackedDelivery(t.database.db, {
      links: LINKS,
      honeypot: 7,
      messages: 4,
      startedAt: Date.now() - HOUR,
      sentAt: Date.now() - HOUR,
    });
  }

  async function figuresOf({ deliveryId }: TrackedDelivery) {
    const { archive, ...figures } = await loadTrackingIndicators(t.database.db, deliveryId);
    return { archive, figures };
  }
});

const LINKS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
  url: `https://shop.example/${n}`,
  ...(n === 6 && { mode: "opt-out" as const }),
}));
