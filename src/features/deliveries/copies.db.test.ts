/** Copies and the states of a delivery: what confirmation freezes, what a stop takes back, and that nothing else is touched. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, NOW, seedArchive, seedDelivery, seedInProgress } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import { settleDelivery, stopDelivery } from "./lifecycle.ts";
import { confirmDelivery } from "./start-delivery.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const LATER = NOW + 60_000;
const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);

describe("confirming", () => {
  let ids: Record<"all" | "domain" | "service" | "named" | "off", number>;
  beforeAll(async () => {
    ids = {
      all: await seedArchive(database.db, { name: "all" }),
      domain: await seedArchive(database.db, {
        name: "domain",
        rule: { senderDomains: ["bücher.example", "other.example"] },
      }),
      service: await seedArchive(database.db, { name: "service", rule: { natures: ["service"] } }),
      named: await seedArchive(database.db, { name: "named", rule: { onlyNamed: true } }),
      off: await seedArchive(database.db, { name: "off", enabled: false }),
    };
    await rows("update archives set removed_at = now() where id = $1", [
      await seedArchive(database.db, { name: "removed" }),
    ]);
  });

  type Settings = z.input<typeof settingsSchema>;

  async function confirmed(settings: Settings, address = "news@sender.example") {
    const audience = await importCsv(database.db, "email\na@a.example\nb@b.example\n");
    const id = await seedDelivery(database.db, {
      audience,
      sender: { name: "", address },
      settings: settingsSchema.parse(settings),
    });
    await analyse(database.db, id);
    // Whatever the checklist says: archives may change after it.
    await rows("update deliveries set state = 'ready', analysed_version = version where id = $1", [id]);
    await confirmDelivery(database.db, id, "ann", NOW);
    const [row] = await rows<{ archive: object | null; parts: number }>(
      `select archive, (select count(*) from archive_parts where delivery_id = d.id) as parts,
              (select count(*) from delivery_parts where delivery_id = d.id) as delivery_parts
         from deliveries d where id = $1`,
      [id],
    );
    return row!;
  }

  const saidAtConfirmation = async () =>
    (
      await rows<{ detail: object }>(
        "select detail from delivery_events where kind = 'delivery.confirmed' order by id desc limit 1",
      )
    )[0]?.detail;

  test("off: no archive, no ledger", async () => {
    expect(await confirmed({})).toMatchObject({ archive: null, parts: 0 });
    expect(await saidAtConfirmation()).toEqual({ validity: "84h" });
  });

  test("the delivery's log says what was settled, whichever of platform and delivery it came from", async () => {
    await confirmed({ archive: { on: true, archives: [String(ids.all)] } });
    expect(await saidAtConfirmation()).toMatchObject({
      bcc: "before",
      copies: "exact",
      archives: String(ids.all),
    });
    await confirmed({ archive: { on: true, strict: true, archives: [String(ids.all), String(ids.named)] } });
    expect(await saidAtConfirmation()).toMatchObject({
      bcc: "before, strict",
      copies: "exact",
      archives: `${ids.all}, ${ids.named}`,
    });
  });

  test("a delivery that nobody receives makes no copies, strict or not, and its log says what it is", async () => {
    for (const mode of ["test-smtp", "verify"] as const) {
      expect(await confirmed({ mode, archive: { on: true, strict: true } })).toMatchObject({ archive: null, parts: 0 });
      expect(await saidAtConfirmation()).toEqual({ validity: "84h", mode });
    }
  });

  test("archives by their rules, timing of the platform, a ledger for each part", async () => {
    const plain = await confirmed({ archive: { on: true } });
    expect(plain).toMatchObject({
      archive: { timing: "before", strict: false, copy: "exact", archives: [ids.all] },
      parts: 1,
      delivery_parts: 1,
    });
    const service = await confirmed({ nature: "service", archive: { on: true } }, "news@other.example");
    expect(service).toMatchObject({ archive: { archives: [ids.all, ids.domain, ids.service] } });
  });

  test("what the delivery says comes before the platform; a personalised sender matches no domain", async () => {
    await rows(
      `insert into platform_settings (settings, updated_at)
       values ('{"archive": {"timing": "after", "strict": true, "copy": "inert", "giveUpAfter": "7d", "debtLimit": 5}}', now())`,
    );
    expect(await confirmed({ archive: { on: true } })).toMatchObject({
      archive: { timing: "after", strict: false, copy: "inert", archives: [ids.all] },
    });
    expect(await confirmed({ archive: { on: true, timing: "before", archives: [String(ids.named)] } })).toMatchObject({
      archive: { timing: "before", strict: true, archives: [ids.named] },
    });
    expect(
      await confirmed({ archive: { on: true, timing: "before", strict: false } }, "{{ recipient.email }}"),
    ).toMatchObject({ archive: { strict: false, archives: [ids.all] } });
    await rows("delete from platform_settings");
  });

  test("an archive that is not there or not enabled: refused by name, and nothing has happened", async () => {
    const wanted = { on: true, archives: [String(ids.all), String(ids.off), "99"] };
    await expect(confirmed({ archive: wanted })).rejects.toMatchObject({
      code: "archive-missing",
      message: expect.stringContaining(`archives ${ids.off}, 99 are not there or not enabled`),
    });
    const [row] = await rows("select state, started_at from deliveries order by id desc limit 1");
    expect(row).toEqual({ state: "ready", started_at: null });
    expect(
      await rows(
        "select 1 from delivery_parts where due_at is not null and delivery_id = (select max(id) from deliveries)",
      ),
    ).toEqual([]);
  });
});

test("stopping takes back what is owed for messages that never left; the ledger still adds up", async () => {
  const archive = await seedArchive(database.db, { name: "Stopped" });
  const second = await seedArchive(database.db, { name: "Stopped too" });
  const id = await seedInProgress(database.db, 700, 10, {
    archive: { on: true, archives: [String(archive), String(second)] },
  });
  const [{ first } = { first: 0 }] = await rows<{ first: number }>(
    "select min(id) as first from delivery_parts where delivery_id = $1",
    [id],
  );
  // Of the first part: 0 sent; 1 refused once and waiting; 2 and 3 untouched, the copy of 3 is archived.
  await rows("update messages set status = 'sent', attempts = 1 where part_id = $1 and seq = 0", [first]);
  await rows("update messages set status = 'taken-into-account', attempts = 1 where part_id = $1 and seq = 1", [first]);
  await rows("update delivery_parts set pending = 8, sent = 1, retrying = 1 where id = $1", [first]);
  await rows(
    `insert into archive_copies (part_id, seq, archive, state, due_since, next_attempt_at)
     select $1, seq, archive, case when seq = 3 then 'archived' else 'owed' end, now(), now()
       from generate_series(0, 3) seq, unnest($2::int[]) archive`,
    [first, [archive, second]],
  );
  await rows("update archive_parts set due = 8, owed = 6, archived = 2, due_at = now() where part_id = $1", [first]);
  await rows(
    "insert into archive_counters (archive, delivery_id, sender, due, owed, archived) select a, $2, 's-1', 4, 3, 1 from unnest($1::int[]) a",
    [[archive, second], id],
  );
  // Of the second part: one copy that is owed no more, and one that the archive may have.
  await rows(
    "insert into archive_copies (part_id, seq, archive, state, due_since, next_attempt_at, in_doubt) values ($1, 0, $2, 'owed', now(), now(), false), ($1, 5, $2, 'owed', now(), now(), true)",
    [first + 1, archive],
  );
  await rows("update archive_parts set due = 2, owed = 2, due_at = now() where part_id = $1", [first + 1]);
  await rows("update archive_counters set due = due + 2, owed = owed + 2 where archive = $1", [archive]);

  await stopDelivery(database.db, id, "ann", LATER);
  await settleDelivery(database.db, id, LATER);
  await settleDelivery(database.db, id, LATER);

  expect(
    await rows("select seq, archive, state from archive_copies where part_id >= $1 order by seq, archive", [first]),
  ).toEqual([
    ...[0, 1, 3].flatMap((seq) =>
      [archive, second].map((a) => ({ seq, archive: a, state: seq === 3 ? "archived" : "owed" })),
    ),
    { seq: 5, archive, state: "owed" },
  ]);
  expect(
    await rows(
      "select due, archived, owed, given_up, due_at is not null as open from archive_parts where part_id <= $1 and delivery_id = $2 order by part_id",
      [first + 1, id],
    ),
  ).toEqual([
    { due: 6, archived: 2, owed: 4, given_up: 0, open: true },
    { due: 1, archived: 0, owed: 1, given_up: 0, open: true },
  ]);
  expect(
    await rows(
      `select archive, sum(due)::int as due, sum(archived)::int as archived, sum(owed)::int as owed, sum(given_up)::int as given_up
         from archive_counters where delivery_id = $1 group by archive order by archive`,
      [id],
    ),
  ).toEqual([
    { archive, due: 4, archived: 1, owed: 3, given_up: 0 },
    { archive: second, due: 3, archived: 1, owed: 2, given_up: 0 },
  ]);
});
