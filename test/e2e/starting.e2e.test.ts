/**
 * A proof, then a start at its time, then a date of a series and people who are added to what it made, by the processes that do it in use:
 * what arrives, and what counts.
 */
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Addition } from "../../src/contract/additions.ts";
import type { Delivery, Indicators, Page, Proof, Template } from "../../src/contract/index.ts";
import type { Series, SeriesRun } from "../../src/contract/series.ts";
import { formatInstant, MINUTE, SECOND } from "../../src/core/time.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { apiOf, TOKEN, type Api } from "./api.ts";
import { csvOf, lastJson, makeTestDir, runEnvoi, startEnvoi, type Run, type Summary, type TestDir } from "./envoi.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const PEOPLE = 20;
let dir: TestDir;
let database: TestDatabase;
let main: Run;
let api: Api;
let id: string;
const sink = new SmtpSink();

beforeAll(async () => {
  dir = makeTestDir();
  database = await createTestDatabase();
  await sink.listen();
  const env = {
    DATABASE_URL: database.url,
    ENVOI_DATA_DIR: dir.path,
    ENVOI_SENDERS: "1",
    ENVOI_ROLES: "web,worker,sender",
    ENVOI_ADMIN_TOKEN: TOKEN,
    ENVOI_ROUTES: sink.route("*"),
    PORT: "0",
  };
  const people = Array.from({ length: PEOPLE }, (_, i) => ({ email: `p${i}@start.example`, name: `Name ${i}` }));
  const html = dir.file("c.html", "<p>Hello {{ recipient.name }}, unsubscribe</p>");
  const args = ["--audience", dir.file("people.csv", csvOf(people)), "--html", html];
  const fields = ["--from", "news@sender.example", "--subject", "Offer for {{ recipient.name }}"];
  const prepared = await runEnvoi(["send", "--json", "--dry-run", ...args, ...fields], env);
  id = lastJson<Summary>(prepared).delivery;
  main = startEnvoi(["start"], env);
  api = await apiOf(main);
});
afterAll(async () => {
  await sink.close();
  main.child.kill("SIGTERM");
  await main.ended;
  await database.drop();
  dir.remove();
});

const finished = (which: string) =>
  until(async () => {
    const delivery = await api.get<Delivery>(`/deliveries/${which}`);
    return delivery.state === "finished" ? delivery : null;
  });

test("readers get the proof, nobody else does, and the delivery's figures know nothing of it", async () => {
  const as = { recipients: ["p7@start.example"] };
  const proof = await api.post<Delivery>(`/deliveries/${id}/actions/proof`, { addresses: ["boss@sender.example"], as });
  await finished(proof.id);
  expect(sink.taken.map(({ address }) => address)).toEqual(["boss@sender.example"]);
  expect(sink.taken[0]?.source).toMatch(/^Subject: \[Proof #1\] Offer for Name 7\r?$/m);
  const { data } = await api.get<Page<Proof>>(`/deliveries/${id}/proofs`);
  expect(data).toMatchObject([{ id: proof.id, state: "finished", sent: 1, pending: 0 }]);
  expect(await api.get<Indicators>(`/deliveries/${id}/indicators`)).toMatchObject({ sent: 0, pending: PEOPLE });
});

test("what is scheduled begins at its time by itself, not before, and reaches everybody once", async () => {
  const at = Date.now() + 2 * SECOND;
  const scheduled = await api.post<Delivery>(`/deliveries/${id}/actions/schedule`, { at: formatInstant(at) });
  expect(scheduled).toMatchObject({ state: "scheduled", startedAt: null });
  const delivery = await finished(id);
  expect(Date.parse(delivery.startedAt ?? "")).toBeGreaterThanOrEqual(at);
  const arrived = sink.taken.map(({ address }) => address).filter((address) => address.endsWith("@start.example"));
  expect(arrived).toHaveLength(PEOPLE);
  expect(new Set(arrived).size).toBe(PEOPLE);
});

test("a date of a series makes, starts and sends a delivery; people who are added to it then get theirs, nobody a second one", async () => {
  const before = sink.taken.length;
  const few = ["p1@start.example", "p2@start.example"];
  const list = await api.post<{ id: string }>("/lists", { label: "Few" });
  await api.post(`/lists/${list.id}/members`, { add: few });
  const template = await api.post<Template>("/templates", {
    label: "Weekly",
    content: { subject: "News", text: "News, unsubscribe" },
    sender: { address: "news@sender.example" },
    settings: { approval: { mode: "automatic" } },
  });
  // Its date came a minute ago, and nobody has looked since.
  const at = formatInstant(Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE);
  const series = await api.post<Series>("/series", {
    label: "Weekly",
    from: { template: template.id, audience: { list: list.id } },
    rule: { unit: "day" },
    time: at.slice(11, 16),
    firstDate: at.slice(0, 10),
    deliveryLabel: "News of {date}",
  });
  await database.db.query("update series set next_at = $2 where id = $1", [series.id, at]);
  await database.db.query("select graphile_worker.add_job('start-due')");
  const made = await until(async () => {
    const { data } = await api.get<Page<SeriesRun>>(`/series/${series.id}/runs`);
    return data[0]?.delivery ?? null;
  });
  expect(made.label).toBe(`News of ${at.slice(0, 10)}`);
  await finished(made.id);
  const arrived = () => sink.taken.slice(before).map(({ address }) => address);
  expect(arrived().toSorted()).toEqual(few);

  await api.post(`/deliveries/${made.id}/actions/continue`, { audience: { all: true } });
  await until(async () => {
    const { data } = await api.get<Page<Addition>>(`/deliveries/${made.id}/additions`);
    return data[0]?.endedAt ?? null;
  });
  await finished(made.id);
  expect(arrived()).toHaveLength(PEOPLE);
  expect(new Set(arrived()).size).toBe(PEOPLE);
  expect(await api.get<Indicators>(`/deliveries/${made.id}/indicators`)).toMatchObject({ sent: PEOPLE, pending: 0 });
});
