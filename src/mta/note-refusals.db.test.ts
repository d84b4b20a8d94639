/** What a sender commits of refused attempts stands among the reply texts, once, with its provider. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { NOW, seedInProgress } from "../../test/seed-delivery.ts";
import { MINUTE } from "../core/time.ts";
import { commitRecords } from "./commit-records.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { leaseParts } from "./store.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const REFUSED = {
  attempt: 1,
  fromStatus: "pending",
  status: "taken-into-account",
  type: "not-defined",
  reason: "not-defined",
  inDoubt: false,
  nextAt: NOW + MINUTE,
  finalAt: null,
  at: NOW,
  kind: "refused",
  stage: "rcpt",
  code: 450,
  enhanced: null,
  mx: "mx.one.example",
  sourceIp: null,
  tls: null,
  durationMs: 3,
  rule: "default-unknown",
  digest: null,
  domain: "one.example",
  quarantineKey: null,
} as const;

test("refused attempts are noted in the commit, and only when they count", async () => {
  const delivery = await seedInProgress(database.db, 4, 10);
  await database.db.query(
    "insert into domain_sites (domain, site, provider, mx, seen_at) values ('one.example', 'mx.one.example', 'orange', '{mx.one.example}', now())",
  );
  const order = { limit: 1, avoidDomains: [], isOthers: () => false };
  const [part] = await leaseParts(database.db, "s-1", delivery, order, NOW, NOW + MINUTE);
  if (!part) throw new Error("no part was leased");
  const base = { ...REFUSED, partId: part.partId, epoch: part.epoch };
  const records = [0, 1, 2].map((seq) => ({
    ...base,
    seq,
    address: `p${seq}@one.example`,
    reply: `450 <p${seq}@one.example> the moon is in the wrong house (id 7Zz${seq}1Q9)`,
  })) as OutcomeRecord[];
  const accepted = {
    ...base,
    seq: 3,
    address: "p3@one.example",
    kind: "accepted",
    status: "sent",
    type: null,
    reason: null,
    rule: null,
    reply: "250 ok",
  } as OutcomeRecord;
  const commit = () => database.db.transaction((tx) => commitRecords(tx, "s-1", [...records, accepted]));
  await commit();
  await commit();
  expect(await database.db.query("select text, count, providers, state, last_seen from reply_texts")).toEqual([
    {
      text: "450 <*> the moon is in the wrong house (id #xxx#)",
      count: 3,
      providers: ["orange"],
      state: "to-qualify",
      last_seen: NOW,
    },
  ]);
});
