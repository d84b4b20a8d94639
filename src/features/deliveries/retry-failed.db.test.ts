/** What is tried again of a delivery that is over, what is not, and that every figure follows. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { NOW, seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { deliverySchema, indicatorsAnswerSchema, problemSchema } from "../../contract/responses.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { loadDeliveryFigures } from "./load-figures.ts";
import { retryFailed } from "./retry-failed.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const LATER = NOW + HOUR;

/** Of ten people: four failed as unreachable, two as unknown users (one without an attempt), the others are sent. */
async function over(state = "finished"): Promise<number> {
  const id = await seedInProgress(web.db, 10, 10);
  const parts = "part_id in (select id from delivery_parts where delivery_id = $1)";
  await web.db.query(
    `update messages set status = case when seq < 6 then 'failed' else 'sent' end, final_at = now(),
            attempts = case when seq = 5 then 0 else 3 end,
            reason = case when seq < 4 then 'unreachable' when seq < 6 then 'user-unknown' end where ${parts}`,
    [id],
  );
  await web.db.query(
    "update delivery_parts set pending = 0, failed = 6, sent = 4, due_at = null where delivery_id = $1",
    [id],
  );
  await web.db.query(
    "insert into destination_counters (delivery_id, domain, sender, sent, failed) values ($1, 'one.example', 'a', 4, 6)",
    [id],
  );
  await web.db.query("update deliveries set state = $2, finished_at = now() where id = $1", [id, state]);
  return id;
}

const statuses = (id: number) =>
  web.db.query(
    `select m.status, m.attempts, count(*) as n, bool_and(m.next_attempt_at = $2) as due, bool_or(m.final_at is not null) as final
       from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 group by 1, 2 order by 1, 2`,
    [id, new Date(LATER)],
  );
const partOf = (id: number) =>
  web.db.query("select pending, retrying, sent, failed, due_at from delivery_parts where delivery_id = $1", [id]);

test.each(["finished", "stopped"])("a %s delivery goes on with what failed for the reasons named", async (state) => {
  const id = await over(state);
  expect(await retryFailed(web.db, id, ["unreachable"], "ann", LATER)).toBe(4);
  expect(await statuses(id)).toEqual([
    { status: "failed", attempts: 0, n: 1, due: null, final: true },
    { status: "failed", attempts: 3, n: 1, due: null, final: true },
    { status: "sent", attempts: 3, n: 4, due: null, final: true },
    { status: "taken-into-account", attempts: 3, n: 4, due: true, final: false },
  ]);
  expect(await partOf(id)).toEqual([{ pending: 0, retrying: 4, sent: 4, failed: 2, due_at: LATER }]);
  const destinations = await web.db.query(
    "select sum(failed) as failed, sum(retrying) as retrying from destination_counters where delivery_id = $1",
    [id],
  );
  expect(destinations).toEqual([{ failed: 2, retrying: 4 }]);
  expect(await loadDeliveryFigures(web.db, id, LATER)).toMatchObject({
    state: "in-progress",
    indicators: { toDeliver: 10, sent: 4, failed: 2, pending: 4, takenIntoAccount: 4 },
  });
});

test("without reasons all of it, what was never attempted as if for the first time", async () => {
  const id = await over();
  expect(await retryFailed(web.db, id, null, "ann", LATER)).toBe(6);
  expect(await partOf(id)).toEqual([{ pending: 1, retrying: 5, sent: 4, failed: 0, due_at: LATER }]);
});

test("nobody who left or was quarantined is tried again", async () => {
  const id = await over();
  const who = (seq: number) =>
    `select m.address from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = ${id} and m.seq = ${seq}`;
  await web.db.query(`update recipients set denylisted_at = now() where address = (${who(0)})`);
  await web.db.query(
    `insert into quarantine (match_key, address, status, reason, updated_at)
     select address, address, 'quarantined', 'user-unknown', now() from (${who(1)}) w`,
  );
  expect(await retryFailed(web.db, id, ["unreachable"], "ann", LATER)).toBe(2);
  await web.db.query("update recipients set denylisted_at = null");
  await web.db.query("delete from quarantine");
});

test.each([
  ["after the validity period", "finished", LATER + 3 * DAY, "nothing-to-retry"],
  ["while it is under way", "in-progress", LATER, "action-not-allowed"],
  ["before it is over", "stopping", LATER, "action-not-allowed"],
])("not %s", async (_, state, now, code) => {
  const id = await over(state);
  await expect(retryFailed(web.db, id, null, "ann", now)).rejects.toMatchObject({ code });
  expect(await partOf(id)).toMatchObject([{ failed: 6 }]);
});

test("asked for twice at once it happens once", async () => {
  const id = await over();
  const answers = await Promise.allSettled([1, 2, 3].map(() => retryFailed(web.db, id, null, "ann", LATER)));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await partOf(id)).toMatchObject([{ pending: 1, retrying: 5, failed: 0 }]);
});

test("over HTTP: reasons are checked, nothing to retry is said", async () => {
  const id = await over();
  await web.db.query("update deliveries set valid_until = now() + interval '1 day' where id = $1", [id]);
  const act = (body?: unknown) => web.call("POST", `/api/v1/deliveries/${id}/actions/retry-failed`, body);
  expect((await act({ reasons: ["bad luck"] })).status).toBe(422);
  const none = await act({ reasons: ["mailbox-full"] });
  expect([none.status, problemSchema.parse(none.body).code]).toEqual([409, "nothing-to-retry"]);
  const answer = await act({ reasons: ["user-unknown", "unreachable"] });
  expect([answer.status, deliverySchema.parse(answer.body).state]).toEqual([202, "in-progress"]);
  const figures = await web.get(`/api/v1/deliveries/${id}/indicators`, indicatorsAnswerSchema);
  expect(figures).toMatchObject({ failed: 0, pending: 6 });
});
