/**
 * Single messages beside a delivery that is under way, through the whole program: they leave first, each once, however often they are
 * asked for and whoever dies meanwhile.
 */
import { afterEach, expect, test } from "vitest";

import type { BatchAnswer, SingleMessage } from "../../src/contract/index.ts";
import type { TestDatabase } from "../database.ts";
import type { Env, TestDir } from "./envoi.ts";
import { kill9, senderPids } from "./processes.ts";
import { openGround, Rig } from "./rig.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const BULK = 20_000;
const SINGLES = 1000;
/** What is on the wire, made, or on its way to be made when the first of them comes. */
const UNDER_WAY_MOST = 1500;

class SinglesRig extends Rig {
  readonly sink: SmtpSink;

  private constructor(dir: TestDir, database: TestDatabase, sink: SmtpSink, env: Env) {
    super(dir, database, env);
    this.sink = sink;
  }

  static async open(): Promise<SinglesRig> {
    const { dir, database, env } = await openGround();
    const sink = new SmtpSink(undefined, { keepsSource: false });
    await sink.listen();
    return new SinglesRig(dir, database, sink, { ...env, ENVOI_ROUTES: sink.route("*") });
  }

  async close(): Promise<void> {
    await this.sink.close();
    await this.end();
  }

  async batch(messages: readonly object[]): Promise<SingleMessage[]> {
    const { data } = await this.call<{ data: BatchAnswer[] }>("POST", "/messages/batch", { messages });
    return data.map((answer) => {
      if (answer.accepted) return answer.message;
      throw new Error(answer.problem.detail);
    });
  }
}

let rig: SinglesRig;
afterEach(() => rig.close());

const single = (n: number, changes: object = {}) => ({
  to: `single${n}@one.example`,
  externalId: `order-${n}`,
  content: { subject: "Receipt {{ recipient.number }}", text: "Order {{ recipient.number }}" },
  sender: { address: "shop@sender.example" },
  data: { number: n },
  ...changes,
});
const numbers = Array.from({ length: SINGLES }, (_, n) => n);
const isSingle = (address: string) => address.startsWith("single");

/** Every counter of every part is what it counts. */
async function wrongParts(): Promise<object[]> {
  return rig.database.db.query(
    `select p.id from delivery_parts p join deliveries d on d.id = p.delivery_id
       cross join lateral (select count(*) as n, count(*) filter (where status = 'sent') as sent from messages m where m.part_id = p.id) c
      where d.kind = 'single' and (p.to_deliver, p.sent) is distinct from (c.n, c.sent)`,
  );
}

test("1,000 leave before a delivery of 20,000 that was there first, each once, asked for twice", async () => {
  rig = await SinglesRig.open();
  await rig.start();
  const id = await rig.prepare({ count: BULK, settings: { partSize: 1000 } });
  await rig.confirm(id);
  await rig.sink.until(() => rig.sink.timesTaken.size >= 500);
  const halves = [numbers.slice(0, SINGLES / 2), numbers.slice(SINGLES / 2)];
  const accepted = (await Promise.all(halves.map((half) => rig.batch(half.map((n) => single(n)))))).flat();
  const before = rig.sink.timesTaken.size;
  const again = (await Promise.all(halves.map((half) => rig.batch(half.map((n) => single(n)))))).flat();
  expect(again.map((message) => message.id)).toEqual(accepted.map((message) => message.id));
  const singles = () => [...rig.sink.timesTaken.keys()].filter(isSingle);
  await rig.sink.until(() => singles().length === SINGLES);
  // In the order in which they were taken.
  const order = [...rig.sink.timesTaken.keys()];
  const last = order.findLastIndex(isSingle);
  const bulkBefore = order.slice(before, last).filter((address) => !isSingle(address)).length;
  expect(bulkBefore).toBeLessThan(UNDER_WAY_MOST);
  expect(order.length).toBeLessThan(BULK);
  expect(await rig.indicators(id)).toMatchObject({ toDeliver: BULK, state: "in-progress" });
  expect([...rig.sink.timesTaken.values()].every((times) => times === 1)).toBe(true);
  const sent = () => rig.call<{ data: SingleMessage[] }>("GET", "/messages?status=sent&limit=1000");
  await until(async () => new Set((await sent()).data.map((message) => message.externalId)).size === SINGLES);
  expect(await wrongParts()).toEqual([]);
}, 120_000);

test("whoever dies, what was accepted is sent, by its own time, and what was taken back is not", async () => {
  rig = await SinglesRig.open();
  await rig.start();
  const [kept = null] = await rig.batch([single(0)]);
  await rig.sink.until(() => rig.sink.timesTaken.has("single0@one.example"));
  let open = () => {};
  const gate = new Promise<undefined>((resolve) => (open = () => resolve(undefined)));
  rig.sink.script = ({ stage }) => (stage === "mail" ? gate : undefined);
  const soon = new Date(Date.now() + 3000).toISOString();
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const [, , cancelled] = await rig.batch([single(1), single(2, { sendAt: soon }), single(3, { sendAt: later })]);
  await rig.call("POST", `/messages/${cancelled?.id}/actions/cancel`);
  kill9(...senderPids(rig.main.pid));
  await rig.killMain();
  rig.sink.script = () => undefined;
  open();
  await rig.start();
  await rig.sink.until(
    () => rig.sink.timesTaken.has("single1@one.example") && rig.sink.timesTaken.has("single2@one.example"),
  );
  const statuses = async () => {
    const { data } = await rig.call<{ data: SingleMessage[] }>("GET", "/messages");
    return data.map(({ externalId, status }) => `${externalId} ${status}`);
  };
  await until(async () => (await statuses()).filter((each) => each.endsWith(" sent")).length === 3);
  expect((await statuses()).toSorted()).toEqual(["order-0 sent", "order-1 sent", "order-2 sent", "order-3 cancelled"]);
  expect(rig.sink.timesTaken.has("single3@one.example")).toBe(false);
  // The same day, the same carrier.
  expect(await rig.database.db.query("select 1 from deliveries where kind = 'single'")).toHaveLength(1);
  expect(kept?.status).toBe("queued");
}, 60_000);
