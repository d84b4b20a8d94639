/** Erasing a recipient: what goes, what stays and why, and what is left to do outside. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { NOW, seedArchive, seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Erasure, Problem } from "../../contract/index.ts";
import { erasureSchema } from "../../contract/responses-archive.ts";
import { timestamp } from "../../platform/db.ts";
import { eraseRecipient } from "./erase-recipient.ts";

let web: TestWebApp;
let archive: number;
let delivery: number;
/** p0@one.example, whose message the tests are about; p1 is somebody else. */
let recipient: number;
let key: { part_id: number; seq: number };
beforeEach(async () => {
  web = await createTestWebApp();
  archive = await seedArchive(web.db, { name: "copies@archive.example" });
  delivery = await seedInProgress(web.db, 2, 10, { archive: { on: true } });
  [{ id: recipient } = { id: 0 }] = await web.db.query<{ id: number }>(
    "select id from recipients where match_key = 'p0@one.example'",
  );
  await web.db.query(`update recipients set attributes = '{"first_name": "Pia"}'`);
  await web.db.query(`update messages set vars = '{"first_name": "Pia"}'`);
  [key = key] = await web.db.query<typeof key>("select part_id, seq from messages where recipient_id = $1", [
    recipient,
  ]);
});
afterEach(() => web.close());

const erase = (headers: Record<string, string> = {}) =>
  web.call("POST", `/api/v1/recipients/${recipient}/actions/erase`, undefined, headers);
const finish = () => web.db.query("update messages set status = 'sent', final_at = now()");
const own = () => [key.part_id, key.seq];

async function addCopy(state: "owed" | "archived" | "given-up", changes: { inDoubt?: boolean } = {}): Promise<void> {
  await web.db.query(
    `insert into archive_copies (part_id, seq, archive, state, in_doubt, due_since, archived_at, reply, location)
     values ($1, $2, $3, $4, $5, $6, $7, '250 copy of P0@one.example', '2026-11-21/09h/x.eml')`,
    [...own(), archive, state, changes.inDoubt ?? false, timestamp(NOW), state === "archived" ? timestamp(NOW) : null],
  );
}

describe("what goes", () => {
  test("the profile, its lists, and address and values of messages; figures and other people stay", async () => {
    await finish();
    await web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, reply)
       values ($1, $2, 1, now(), 'refused', '450 <P0@One.example>: later'), ($1, $2, 2, now(), 'accepted', '250 ok')`,
      own(),
    );
    const answer = await erase();
    expect(answer.status).toBe(200);
    expect(erasureSchema.parse(answer.body)).toEqual({
      recipientId: String(recipient),
      messages: 1,
      blocked: false,
      copies: [],
      copiesTotal: 0,
    });
    expect(await web.db.query("select recipient_id, address, vars, status from messages order by seq")).toEqual(
      expect.arrayContaining([
        { recipient_id: null, address: "erased@erased.invalid", vars: {}, status: "sent" },
        expect.objectContaining({ address: "p1@one.example", vars: { first_name: "Pia" } }),
      ]),
    );
    expect(await web.db.query("select reply from message_attempts order by attempt")).toEqual([
      { reply: "450 <[erased]>: later" },
      { reply: "250 ok" },
    ]);
    expect(await web.db.query("select match_key from recipients")).toEqual([{ match_key: "p1@one.example" }]);
    expect(await web.db.query("select recipient_id from list_members")).toHaveLength(1);
    expect((await erase()).status).toBe(404);
  });

  test("wherever the address was written down", async () => {
    await finish();
    await web.db.query(
      `insert into exclusions (delivery_id, recipient_id, address, reason, detail)
       values ($1, $2, 'p0@one.example', 'duplicate', 'like P0@one.example'), ($1, null, 'P0@one.example', 'duplicate', '')`,
      [delivery, recipient],
    );
    await web.db.query(
      `insert into import_errors (import_id, line, "column", value, reason, address)
       values (1, 2, 'email', 'p0@one.example', 'duplicate', 'P0@one.example')`,
    );
    await web.db.query(
      `insert into quarantine (match_key, address, status, reason, error_text, updated_at)
       values ('p0@one.example', 'P0@one.example', 'with-errors', 'refused', '550 p0@one.example', now())`,
    );
    await web.db.query(
      `insert into quarantine_history (match_key, at, status, reason) values ('p0@one.example', now(), 'with-errors', 'refused')`,
    );
    await web.db.query(
      `insert into address_allowlist (match_key, address, note, actor, at)
       values ('p0@one.example', 'P0@one.example', 'p0@one.example called', 'ann', now())`,
    );
    await web.db.query(
      "insert into suppressed_exclusions (delivery_id, hash, count) values ($1::bigint, sha256(convert_to($1::bigint || ':p0@one.example', 'UTF8')), 1)",
      [delivery],
    );
    await addCopy("archived");
    expect((await erase()).status).toBe(200);
    expect(await web.db.query("select 1 from suppressed_exclusions")).toEqual([]);
    const tables = await web.db.query<{ name: string }>(
      `select table_name as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const rows = await web.db.query(`select * from "${name}"`);
      expect([name, JSON.stringify(rows)]).not.toEqual([name, expect.stringMatching(/p0@one/i)]);
    }
  });
});

describe("what stays", () => {
  test("the denylist: no import brings the address back", async () => {
    await finish();
    await web.db.query(
      "update recipients set denylisted_at = now(), denylist_reason = 'page', address = 'P0@one.example' where id = $1",
      [recipient],
    );
    expect((await erase()).body).toMatchObject({ blocked: true });
    expect(
      await web.db.query("select address, attributes, denylisted_at from recipients where id = $1", [recipient]),
    ).toEqual([{ address: "p0@one.example", attributes: {}, denylisted_at: expect.any(Number) }]);
    expect(await web.db.query("select 1 from list_members where recipient_id = $1", [recipient])).toEqual([]);
  });

  test("the quarantine, without what servers said", async () => {
    await finish();
    await web.db.query(
      `insert into quarantine (match_key, address, status, reason, error_text, updated_at)
       values ('p0@one.example', 'P0@one.example', 'quarantined', 'user-unknown', '550 P0@one.example', now())`,
    );
    await web.db.query(
      `insert into quarantine_history (match_key, at, status, reason, error_text, note)
       values ('p0@one.example', now(), 'quarantined', 'user-unknown', '550 P0@one.example', 'P0 wrote to us')`,
    );
    expect((await erase()).body).toMatchObject({ blocked: true });
    expect(await web.db.query("select address, status, error_text from quarantine")).toEqual([
      { address: "p0@one.example", status: "quarantined", error_text: "" },
    ]);
    expect(await web.db.query("select status, error_text, note from quarantine_history")).toEqual([
      { status: "quarantined", error_text: "", note: "" },
    ]);
    expect(await web.db.query("select 1 from recipients where id = $1", [recipient])).toEqual([]);
  });

  test("the copies outside: they are listed, in the answer and in the audit", async () => {
    await finish();
    await addCopy("archived");
    const answer = (await erase()).body as Erasure;
    const copy = {
      archiveId: String(archive),
      archiveName: "copies@archive.example",
      deliveryId: String(delivery),
      key: `${key.part_id}-${key.seq}`,
      archivedAt: new Date(NOW).toISOString(),
      location: "2026-11-21/09h/x.eml",
    };
    expect(answer).toMatchObject({ copies: [copy], copiesTotal: 1 });
    const audit = await web.call("GET", "/api/v1/archive/audit");
    expect(audit.body).toMatchObject({ data: [{ kind: "erased", detail: { copies: [copy] } }] });
    expect(audit.text).not.toContain("p0@one");
  });

  test("also a copy that an archive may have taken unheard, and not one that it never got", async () => {
    await finish();
    await addCopy("given-up", { inDoubt: true });
    expect((await eraseRecipient(web.db, recipient, "test", NOW)).copies).toMatchObject([{ archivedAt: null }]);
  });

  test("a copy that was given up is not listed", async () => {
    await finish();
    await addCopy("given-up");
    expect((await eraseRecipient(web.db, recipient, "test", NOW)).copies).toEqual([]);
  });

  test("who may not see archives' addresses gets the list without", async () => {
    await finish();
    await addCopy("archived");
    const made = await web.call("POST", "/api/v1/tokens", { label: "reader", rights: [] });
    const answer = await erase({ authorization: `Bearer ${(made.body as { token: string }).token}` });
    expect(answer.body).toMatchObject({ copies: [{ archiveName: "•••" }] });
  });
});

describe("refused, and nothing is erased:", () => {
  const refusal = async () => {
    const answer = await erase();
    const problem = answer.body as Problem;
    expect([answer.status, problem.code]).toEqual([409, "recipient-busy"]);
    expect(await web.db.query("select attributes from recipients where id = $1", [recipient])).toEqual([
      { attributes: { first_name: "Pia" } },
    ]);
    return problem.detail;
  };

  test.each(["pending", "taken-into-account", "in-doubt"])("a message that is %s", async (status) => {
    await web.db.query("update messages set status = $1", [status]);
    expect(await refusal()).toContain(`message ${key.part_id}-${key.seq} of delivery ${delivery} is not final`);
  });

  test("a copy that is still owed", async () => {
    await finish();
    await addCopy("owed");
    expect(await refusal()).toContain("still owed to an archive");
  });

  test("a part that a sender has: its copies may not be in the ledger yet", async () => {
    await finish();
    await web.db.query("update delivery_parts set owner = 's-1'");
    expect(await refusal()).toContain("in the hands of a sender");
  });

  test("an analysis that runs", async () => {
    await finish();
    await web.db.query("update deliveries set state = 'analysing'");
    expect(await refusal()).toContain(`delivery ${delivery} is being analysed`);
  });
});

test("in doubt is final when the delivery is over", async () => {
  await web.db.query("update messages set status = 'in-doubt'");
  await web.db.query("update deliveries set state = 'stopped'");
  expect((await erase()).status).toBe(200);
});

test.each(["0", "x", "999999999999999"])("there is no recipient %s", async (id) => {
  expect((await web.call("POST", `/api/v1/recipients/${id}/actions/erase`)).status).toBe(404);
});

test("a repeated request gets its list again", async () => {
  await finish();
  await addCopy("archived");
  const first = await erase({ "idempotency-key": "e1" });
  const second = await erase({ "idempotency-key": "e1" });
  expect([first.status, second.status, second.text]).toEqual([200, 200, first.text]);
});
