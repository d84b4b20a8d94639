/** The delivery log through the API: figures that add up, pages that lose and repeat nothing, filters, one message. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import {
  attemptSchema,
  destinationSchema,
  exclusionSchema,
  indicatorsAnswerSchema,
  liveIndicatorsSchema,
  logLineSchema,
  messageDetailSchema,
  pageOf,
} from "../../contract/responses.ts";
import { recipientMessageSchema } from "../../contract/responses-recipients.ts";
import type { LogLine } from "../../contract/index.ts";
import { streamLog } from "./index.ts";

let web: TestWebApp;
let id: string;
const AT = "2026-11-21T08:00:00Z";

/** Six parts over two partitions, another delivery's part between them; domain parts and mixed parts. */
beforeAll(async () => {
  web = await createTestWebApp({
    renderer: {
      source: (key) =>
        Promise.resolve(
          key.partId === 1 ? { bytes: Buffer.from("Subject: é\r\n\r\nbody\r\n"), digest: "match" } : null,
        ),
      parts: () => Promise.resolve(null),
      copy: () => Promise.resolve(null),
    },
  });
  const { db } = web;
  for (const table of ["messages", "message_attempts", "message_reactions"]) {
    await db.query(`create table ${table}_0 partition of ${table} for values from (0) to (4)`);
    await db.query(`create table ${table}_4 partition of ${table} for values from (4) to (100)`);
  }
  for (const label of ["log", "other"]) {
    await db.query(
      `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, targeted, excluded, to_deliver)
       values ($1, 'in-progress', '{}', '{}', '{}', $2, $2, 65, 5, 60)`,
      [label, AT],
    );
  }
  const rows = await db.query<{ id: number }>("select id from deliveries where label = 'log'");
  id = String(rows[0]?.id);
  for (const [part, domain] of [
    [1, "big.example"],
    [2, "big.example"],
    [3, null],
    [5, null],
    [6, "xn--bcher-kva.example"],
    [8, "big.example"],
  ] as const) {
    await insertPart(
      part,
      domain,
      part === 6 ? ["bücher.example"] : domain ? [domain] : ["small.example", "BIG.example"],
    );
  }
  // Belongs to the other delivery.
  await insertPart(4, null, ["big.example"]);
  await db.query(
    "update delivery_parts set delivery_id = (select id from deliveries where label = 'other') where id = 4",
  );
});
afterAll(() => web.close());

/** Ten messages: 6 sent, 1 failed, 1 waiting for a retry, 1 in doubt, 1 untouched; part 2 has 10 sent. */
async function insertPart(part: number, domain: string | null, domains: readonly string[]): Promise<void> {
  const { db } = web;
  const allSent = part === 2;
  await db.query(
    `insert into delivery_parts (id, delivery_id, domain, to_deliver, pending, retrying, sent, failed, in_doubt)
     values ($1, $2, $3, 10, $4, $4, $5, $4, $4)`,
    [part, id, domain, allSent ? 0 : 1, allSent ? 10 : 6],
  );
  for (let seq = 0; seq < 10; seq++) {
    const status = allSent ? "sent" : (["failed", "taken-into-account", "in-doubt", "pending"][seq] ?? "sent");
    const attempts = status === "pending" ? 0 : status === "taken-into-account" ? 2 : 1;
    const address = `p${part}s${seq}@${domains[seq % domains.length]}`;
    const [recipient] = await db.query<{ id: number }>(
      `insert into recipients (address, match_key, domain, created_at, updated_at) values ($1, $2, 'x', $3, $3) returning id`,
      [address, address.toLowerCase().replace("bücher", "xn--bcher-kva"), AT],
    );
    const refused = status === "failed" || status === "taken-into-account";
    await db.query(
      `insert into messages (part_id, seq, recipient_id, address, vars, status, type, reason, attempts, in_doubt, final_at)
       values ($1, $2, $3, $4, '{"city":"Ulm"}', $5, $6, $7, $8, $9, $10)`,
      [
        part,
        seq,
        recipient?.id,
        address,
        status,
        refused ? (status === "failed" ? "hard" : "soft") : null,
        refused ? (status === "failed" ? "user-unknown" : "mailbox-full") : null,
        attempts,
        status === "in-doubt",
        ["sent", "failed"].includes(status) ? "2026-11-21T08:01:00Z" : null,
      ],
    );
    for (let attempt = 1; attempt <= attempts; attempt++) {
      await db.query(
        `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, enhanced, reply, mx, duration_ms, rule)
         values ($1, $2, $3, $4, $5, 'rcpt', 250, '2.0.0', $6, 'mx.example', 12, 'r')`,
        [
          part,
          seq,
          attempt,
          `2026-11-21T08:0${attempt}:00Z`,
          status === "sent" ? "accepted" : "refused",
          `reply ${attempt}`,
        ],
      );
    }
  }
}

async function readAll(filter: string, limit: number): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const path = `/api/v1/deliveries/${id}/messages?limit=${limit}${filter}${cursor && `&cursor=${cursor}`}`;
    const page: { data: LogLine[]; nextCursor: string | null } = await web.get(path, pageOf(logLineSchema));
    lines.push(...page.data);
    cursor = page.nextCursor;
  }
  return lines;
}

test("the figures add up, and come from the counters", async () => {
  const figures = await web.get(`/api/v1/deliveries/${id}/indicators`, liveIndicatorsSchema);
  expect(figures).toMatchObject({
    targeted: 65,
    excluded: 5,
    toDeliver: 60,
    sent: 40,
    failed: 5,
    pending: 10,
    takenIntoAccount: 5,
  });
  expect(figures.toDeliver).toBe(figures.sent + figures.failed + figures.cancelled + figures.pending + figures.inDoubt);
  expect(figures).toMatchObject({
    successRate: 40 / 60,
    onWire: 0,
    rate: null,
    etaSeconds: null,
    state: "in-progress",
  });
});

test("what senders have on the wire counts as long as they are heard of", async () => {
  await web.db.query(
    "insert into sender_status values ('s1', $1, 7, 1, now()), ('s2', $1, 5, 1, now() - interval '1 hour')",
    [id],
  );
  expect((await web.get(`/api/v1/deliveries/${id}/indicators`, liveIndicatorsSchema)).onWire).toBe(7);
});

describe("the log", () => {
  test.each([1, 3, 7, 10, 1000])(
    "in pages of %i has each message once, in order of keys, of this delivery only",
    async (limit) => {
      const lines = await readAll("", limit);
      const expected = [1, 2, 3, 5, 6, 8].flatMap((part) => Array.from({ length: 10 }, (_, seq) => `${part}-${seq}`));
      expect(lines.map((line) => line.key)).toEqual(expected);
    },
  );

  test("a line says what became of a message, with its first and last attempt", async () => {
    const lines = await readAll("", 1000);
    expect(lines[1]).toEqual({
      key: "1-1",
      recipient: "p1s1@big.example",
      status: "taken-into-account",
      type: "soft",
      reason: "mailbox-full",
      attempts: 2,
      reply: "reply 2",
      mx: "mx.example",
      firstAttemptAt: "2026-11-21T08:01:00.000Z",
      finalAt: null,
      archived: false,
      inDoubt: false,
    });
    expect(lines[3]).toMatchObject({ status: "pending", attempts: 0, reply: null, mx: null, firstAttemptAt: null });
  });

  test.each<[string, (line: LogLine) => boolean, number]>([
    ["&status=failed", (line) => line.status === "failed", 5],
    ["&status=sent", (line) => line.status === "sent", 40],
    ["&status=pending", (line) => line.status === "pending", 5],
    ["&status=cancelled", () => false, 0],
    ["&status=in-doubt", (line) => line.inDoubt, 5],
    ["&type=soft", (line) => line.type === "soft", 5],
    ["&reason=user-unknown", (line) => line.reason === "user-unknown", 5],
    ["&status=sent&reason=user-unknown", () => false, 0],
    ["&domain=big.example", (line) => /@big\.example$/i.test(line.recipient), 40],
    ["&domain=Big.Example&status=failed", (line) => line.status === "failed", 2],
    ["&domain=b%C3%BCcher.example", (line) => line.key.startsWith("6-"), 10],
    ["&domain=xn--bcher-kva.example", (line) => line.key.startsWith("6-"), 10],
    ["&recipient=P5S3%40big.EXAMPLE", (line) => line.key === "5-3", 1],
    ["&recipient=p4s0%40big.example", () => false, 0],
    ["&recipient=p5s3%40big.example&status=sent", () => false, 0],
    ["&recipient=p5s3%40big.example&domain=small.example", () => false, 0],
    ["&recipient=half", () => false, 0],
  ])("with %s has exactly the lines that match", async (filter, matches, count) => {
    for (const limit of [2, 1000]) {
      const lines = await readAll(filter, limit);
      expect(lines.filter((line) => !matches(line))).toEqual([]);
      expect(lines.length).toBe(count);
    }
  });

  test.each(["status=lost", "reason=x", "limit=5000", "cursor=5", "cursor=a-b"])("refuses ?%s", async (query) => {
    expect((await web.call("GET", `/api/v1/deliveries/${id}/messages?${query}`)).status).toBe(422);
  });

  test("with a filter that hardly anything matches ends pages early and still loses nothing", async () => {
    const [row] = await web.db.query<{ id: number }>(
      `insert into deliveries (label, content, sender, audience, created_at, updated_at)
       values ('huge', '{}', '{}', '{}', $1, $1) returning id`,
      [AT],
    );
    // Counters of parts as if they were huge: what is looked at is bounded by them.
    for (const part of [50, 51, 52]) {
      await web.db.query(
        "insert into delivery_parts (id, delivery_id, to_deliver, pending, failed) values ($1, $2, 150000, 0, 150000)",
        [part, row?.id],
      );
    }
    await web.db.query(
      "insert into messages (part_id, seq, address, vars, status, reason) values (52, 3, 'a@b.example', '{}', 'failed', 'refused')",
    );
    const path = `/api/v1/deliveries/${row?.id}/messages?reason=refused`;
    const pages: string[][] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { data: LogLine[]; nextCursor: string | null } = await web.get(
        path + (cursor && `&cursor=${cursor}`),
        pageOf(logLineSchema),
      );
      pages.push(page.data.map((line) => line.key));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([[], [], ["52-3"]]);
  });

  test("can be read whole, line by line", async () => {
    const keys: string[] = [];
    await streamLog(web.db, Number(id), (line) => void keys.push(line.key));
    expect(keys).toEqual((await readAll("", 1000)).map((line) => line.key));
  });
});

describe("one message", () => {
  test("shows its variables and its timeline", async () => {
    const detail = await web.get("/api/v1/messages/1-1", messageDetailSchema);
    expect(detail).toMatchObject({ key: "1-1", deliveryId: id, vars: { city: "Ulm" }, attempts: 2 });
    expect(detail.timeline.map((attempt) => attempt.reply)).toEqual(["reply 1", "reply 2"]);
    const { data } = await web.get("/api/v1/messages/1-1/attempts", pageOf(attemptSchema));
    expect(data).toEqual(detail.timeline);
  });

  test("is marked when its recipient called it spam, and the delivery counts it", async () => {
    const seen = async () => [
      (await web.get("/api/v1/messages/1-1", messageDetailSchema)).complained,
      (await web.get(`/api/v1/deliveries/${id}/indicators`, indicatorsAnswerSchema)).complaints,
    ];
    expect(await seen()).toEqual([false, 0]);
    await web.db.query(
      "insert into message_reactions (part_id, seq, kind, link, human) values (1, 1, 'complaint', 0, true)",
    );
    await web.db.query(
      "insert into tracking_counters (delivery_id, kind, link, recipients, total) values ($1, 'complaint', 0, 1, 1)",
      [id],
    );
    expect(await seen()).toEqual([true, 1]);
  });

  test("has a source, byte by byte", async () => {
    const answer = await web.app.inject({
      url: "/api/v1/messages/1-1/source",
      headers: { authorization: `Bearer ${web.token}` },
    });
    expect(answer.headers["content-type"]).toBe("message/rfc822");
    expect(answer.rawPayload).toEqual(Buffer.from("Subject: é\r\n\r\nbody\r\n"));
  });

  test.each(["0-0", "1-99", "x", "1", "99999-0"])("%s is not found", async (key) => {
    for (const below of ["", "/attempts"]) {
      expect((await web.call("GET", `/api/v1/messages/${key}${below}`)).body).toMatchObject({ code: "not-found" });
    }
  });

  test("a source that cannot be rendered again is not found", async () => {
    expect((await web.call("GET", "/api/v1/messages/2-0/source")).status).toBe(404);
  });
});

test("destinations add up over senders, largest first, with the latest reply", async () => {
  await web.db.query(
    `insert into destination_counters (delivery_id, domain, sender, to_deliver, sent, failed, retrying, last_reply, last_reply_at) values
      ($1, 'a.example', '', 10, 0, 0, 0, null, null), ($1, 'b.example', '', 30, 0, 0, 0, null, null), ($1, 'c.example', '', 10, 0, 0, 0, null, null),
      ($1, 'b.example', 's1', 0, 10, 1, 2, 'old', '2026-11-21T08:00:00Z'), ($1, 'b.example', 's2', 0, 5, 0, 1, 'new', '2026-11-21T08:05:00Z')`,
    [id],
  );
  const path = `/api/v1/deliveries/${id}/destinations`;
  const all = await web.get(path, pageOf(destinationSchema));
  expect(all.data.map((row) => row.domain)).toEqual(["b.example", "a.example", "c.example"]);
  expect(all.data[0]).toEqual({
    domain: "b.example",
    toDeliver: 30,
    sent: 15,
    failed: 1,
    retrying: 3,
    pending: 14,
    lastReply: "new",
    lastReplyAt: "2026-11-21T08:05:00.000Z",
  });
  const first = await web.get(`${path}?limit=2`, pageOf(destinationSchema));
  const rest = await web.get(
    `${path}?limit=2&cursor=${encodeURIComponent(first.nextCursor ?? "")}`,
    pageOf(destinationSchema),
  );
  expect([...first.data, ...rest.data]).toEqual(all.data);
  expect(rest.nextCursor).toBeNull();
});

test("exclusions are paged by reason", async () => {
  await web.db.query(
    `insert into exclusions (delivery_id, address, reason, detail)
     select $1, 'x' || n, case when n % 2 = 0 then 'duplicate' else 'denylisted' end, 'why' from generate_series(1, 9) n`,
    [id],
  );
  const path = `/api/v1/deliveries/${id}/exclusions`;
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: { data: { address: string }[]; nextCursor: string | null } = await web.get(
      `${path}?limit=2${cursor && `&cursor=${cursor}`}`,
      pageOf(exclusionSchema),
    );
    seen.push(...page.data.map((row) => row.address));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(["x1", "x3", "x5", "x7", "x9", "x2", "x4", "x6", "x8"]);
  const { data } = await web.get(`${path}?reason=duplicate`, pageOf(exclusionSchema));
  expect(data.map((row) => row.reason)).toEqual(Array(4).fill("duplicate"));
  expect((await web.call("GET", `${path}?reason=unknown`)).status).toBe(422);
});

test("what a recipient was sent, across deliveries and partitions, newest first", async () => {
  const places = [
    [1, 5],
    [4, 5],
    [8, 5],
  ] as const;
  const [person] = await web.db.query<{ id: number }>(
    "insert into recipients (address, match_key, domain, created_at, updated_at) values ('q@x.example', 'q@x.example', 'x', $1, $1) returning id",
    [AT],
  );
  for (const [part, seq] of places) {
    await web.db.query("update messages set recipient_id = $1 where part_id = $2 and seq = $3", [
      person?.id,
      part,
      seq,
    ]);
  }
  await web.db.query("insert into message_reactions (part_id, seq, kind, link, human) values (4, 5, 'open', 0, true)");
  const path = `/api/v1/recipients/${person?.id}/messages`;
  const first = await web.get(`${path}?limit=2`, pageOf(recipientMessageSchema));
  const rest = await web.get(`${path}?limit=2&cursor=${first.nextCursor}`, pageOf(recipientMessageSchema));
  const shown = [...first.data, ...rest.data].map(({ key, delivery, opened }) => [key, delivery.label, opened]);
  expect(shown).toEqual([
    ["8-5", "log", false],
    ["4-5", "other", true],
    ["1-5", "log", false],
  ]);
  expect(rest.nextCursor).toBeNull();
  expect((await web.call("GET", "/api/v1/recipients/999999999/messages")).status).toBe(404);
  expect((await web.call("GET", `${path}?cursor=x`)).status).toBe(422);
});
