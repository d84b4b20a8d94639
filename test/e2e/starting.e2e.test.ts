/** A proof, then a start at its time, by the processes that do it in use: what arrives, and what counts. */
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Delivery, Indicators, Page, Proof } from "../../src/contract/index.ts";
import { formatInstant, SECOND } from "../../src/core/time.ts";
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
