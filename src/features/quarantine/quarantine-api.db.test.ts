import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { pageOf, quarantineEntrySchema } from "../../contract/responses.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
  await web.db.query(
    `insert into quarantine (match_key, address, status, reason, error_text, errors, updated_at) values
      ('a@x.example', 'A@x.example', 'quarantined', 'user-unknown', '550 no', 1, now()),
      ('b@x.example', 'b@x.example', 'with-errors', 'mailbox-full', '452 full', 2, now()),
      ('c@x.example', 'c@x.example', 'quarantined', 'user-unknown', '550 no', 1, now())`,
  );
  await web.db.query(
    `insert into quarantine_history (match_key, at, status, reason, error_text, part_id, seq) values
      ('a@x.example', '2026-11-20T00:00:00Z', 'with-errors', 'refused', 'old', null, null),
      ('a@x.example', '2026-11-21T00:00:00Z', 'quarantined', 'user-unknown', '550 no', 5, 7)`,
  );
  await web.db.query(
    `insert into recipients (address, match_key, domain, denylisted_at, denylist_reason, created_at, updated_at) values
      ('C@x.example', 'c@x.example', 'x.example', now(), 'unsubscribed', now(), now()),
      ('d@x.example', 'd@x.example', 'x.example', now(), 'complaint', now(), now()),
      ('E@x.example', 'e@x.example', 'x.example', null, null, now(), now())`,
  );
});
afterAll(() => web.close());

const read = (address: string) => web.get(`/api/v1/quarantine/${encodeURIComponent(address)}`, quarantineEntrySchema);

test("an address in quarantine shows why, with its history, newest first", async () => {
  const by = { cause: "error", actor: "", note: "" };
  expect(await read("a@X.example")).toEqual({
    address: "A@x.example",
    status: "quarantined",
    reason: "user-unknown",
    errorText: "550 no",
    errors: 1,
    held: false,
    provider: null,
    updatedAt: expect.any(String),
    history: [
      {
        at: "2026-11-21T00:00:00.000Z",
        status: "quarantined",
        reason: "user-unknown",
        errorText: "550 no",
        messageKey: "5-7",
        ...by,
      },
      {
        at: "2026-11-20T00:00:00.000Z",
        status: "with-errors",
        reason: "refused",
        errorText: "old",
        messageKey: null,
        ...by,
      },
    ],
  });
});

test.each([
  ["b@x.example", "with-errors", "mailbox-full"],
  ["c@x.example", "denylisted", "unsubscribed"],
  ["d@x.example", "denylisted", "complaint"],
  ["e@x.example", "valid", null],
  ["never-seen@x.example", "valid", null],
])("%s is %s", async (address, status, reason) => {
  expect(await read(address)).toMatchObject({ status, reason });
});

test("what is no address is refused", async () => {
  expect((await web.call("GET", "/api/v1/quarantine/nobody")).status).toBe(422);
});

test("the list is paged and shows denylisted ones as such", async () => {
  const schema = pageOf(quarantineEntrySchema.omit({ history: true }));
  const first = await web.get("/api/v1/quarantine?limit=2", schema);
  const second = await web.get(
    `/api/v1/quarantine?limit=2&cursor=${encodeURIComponent(first.nextCursor ?? "")}`,
    schema,
  );
  expect([...first.data, ...second.data].map((row) => [row.address, row.status])).toEqual([
    ["A@x.example", "quarantined"],
    ["b@x.example", "with-errors"],
    ["c@x.example", "denylisted"],
  ]);
  expect(second.nextCursor).toBeNull();
});
