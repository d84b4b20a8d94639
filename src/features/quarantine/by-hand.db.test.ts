/** What persons change, over the API: in and out, many at once, allowlist, files, and providers that are doubted. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import { quarantineEntrySchema } from "../../contract/responses.ts";
import { DAY, HOUR, MINUTE } from "../../core/time.ts";
import { type AddressError, denylist, recordAddressErrors, recordAddressSuccesses } from "./index.ts";

let web: TestWebApp;
beforeEach(async () => {
  web = await createTestWebApp();
});
afterEach(() => web.close());

const API = "/api/v1";
const post = (path: string, body: unknown) => web.call("POST", `${API}${path}`, body);
const entryOf = (address: string) => web.get(`${API}/quarantine/${encodeURIComponent(address)}`, quarantineEntrySchema);
const NOW = Date.now();

function unknownUser(address: string, changes: Partial<AddressError> = {}): AddressError {
  const verdict = { type: "hard", reason: "user-unknown", scope: "address" } as const;
  const message = { deliveryId: 7, partId: 3, seq: 1 };
  return {
    matchKey: address.toLowerCase(),
    address,
    at: NOW,
    verdict,
    reply: "550 5.1.1 no such user",
    provider: null,
    ...message,
    ...changes,
  };
}
const fail = (errors: readonly AddressError[], now = NOW) =>
  web.db.transaction((tx) => recordAddressErrors(tx, errors, now));

test("in by hand, and out with a note; the history tells who", async () => {
  const put = await post("/quarantine", { address: "Ann@Shop.example", reason: "refused", note: "she moved" });
  expect([put.status, put.body]).toMatchObject([
    201,
    { address: "Ann@Shop.example", status: "quarantined", reason: "refused" },
  ]);
  expect((await post("/quarantine/ann@shop.example/actions/release", { note: "" })).status).toBe(422);
  const released = await post("/quarantine/ann@shop.example/actions/release", { note: "a mistake" });
  expect([released.status, released.body]).toMatchObject([200, { status: "valid" }]);
  expect((await entryOf("ann@shop.example")).history.map(({ cause, note, status }) => [cause, note, status])).toEqual([
    ["released", "a mistake", "valid"],
    ["put-in", "she moved", "quarantined"],
  ]);
});

test("a complaint weighs more than an unsubscription, and is set aside only when that is said", async () => {
  await web.db.query(
    `insert into recipients (address, match_key, domain, denylisted_at, denylist_reason, created_at, updated_at)
     values ('ann@shop.example', 'ann@shop.example', 'shop.example', now(), 'unsubscribed', now(), now())`,
  );
  const entry = { matchKey: "ann@shop.example", address: "ann@shop.example", reason: "complaint" };
  await web.db.transaction((tx) => denylist(tx, { ...entry, messageKey: { partId: 3, seq: 1 }, at: NOW }));
  expect(await entryOf("ann@shop.example")).toMatchObject({
    status: "denylisted",
    reason: "complaint",
    history: [{ cause: "complaint", messageKey: "3-1" }],
  });
  const refused = await post("/quarantine/ann@shop.example/actions/release", { note: "she asked" });
  expect([refused.status, (refused.body as Problem).code]).toEqual([409, "address-denylisted"]);
  await post("/quarantine/ann@shop.example/actions/release", { note: "she asked", denylisted: true });
  expect((await entryOf("ann@shop.example")).status).toBe("valid");
});

test("many at once by provider, time and reply; a dry run only counts", async () => {
  await fail([
    unknownUser("a@one.example", { provider: "big" }),
    unknownUser("b@one.example", { provider: "big", reply: "550 5.1.1 100%_gone" }),
    unknownUser("c@one.example", { provider: "other-one" }),
  ]);
  const wish = {
    provider: "big",
    text: "100%_GONE",
    since: new Date(NOW - HOUR).toISOString(),
    until: new Date(NOW + HOUR).toISOString(),
    note: "outage",
  };
  const dry = await post("/quarantine/actions/release", { ...wish, dryRun: true });
  expect(dry.body).toEqual({ dryRun: true, count: 1, examples: ["b@one.example"] });
  expect((await entryOf("b@one.example")).status).toBe("quarantined");
  expect((await post("/quarantine/actions/release", { ...wish, dryRun: false })).body).toMatchObject({ count: 1 });
  expect((await entryOf("b@one.example")).status).toBe("valid");
  expect((await entryOf("a@one.example")).status).toBe("quarantined");
  const before = { ...wish, text: undefined, until: wish.since, dryRun: true };
  expect((await post("/quarantine/actions/release", before)).body).toMatchObject({ count: 0 });
});

test("errors of the allowlist are ignored, and told", async () => {
  await fail([unknownUser("ann@one.example")]);
  expect((await post("/allowlist", { address: "Ann@one.example", note: "our boss" })).status).toBe(201);
  expect((await entryOf("ann@one.example")).status).toBe("valid");
  await fail([unknownUser("ann@one.example", { at: NOW + DAY })], NOW + DAY);
  const entry = await entryOf("ann@one.example");
  expect(entry).toMatchObject({ status: "valid", history: [{ cause: "allowed", reason: "error-ignored" }, {}, {}] });
  expect((await web.call("DELETE", `${API}/allowlist/ann@one.example`)).status).toBe(204);
  expect((await web.call("DELETE", `${API}/allowlist/ann@one.example`)).status).toBe(404);
});

test("what comes out as a file goes in again", async () => {
  await fail([unknownUser("a@one.example", { reply: '=550 "no", gone' }), unknownUser("b@one.example")]);
  const file = (await web.call("GET", `${API}/quarantine/export?text=gone`)).text;
  expect(file.split("\r\n")).toHaveLength(3);
  expect(file).toContain(`a@one.example,quarantined,user-unknown,1,,`);
  expect(file).toContain(`"'=550 ""no"", gone"`);
  await web.db.query("delete from quarantine");
  const body = `--b\r\ncontent-disposition: form-data; name="file"; filename="bad.csv"\r\n\r\n${file}nobody,quarantined\r\n\r\n--b--\r\n`;
  const answer = await web.app.inject({
    method: "POST",
    url: `${API}/quarantine/import`,
    headers: { authorization: `Bearer ${web.token}`, "content-type": "multipart/form-data; boundary=b" },
    payload: body,
  });
  expect(answer.json()).toMatchObject({ total: 2, taken: 1, failed: 1, errors: [{ value: "nobody" }] });
  expect(await entryOf("a@one.example")).toMatchObject({ status: "quarantined", reason: "user-unknown" });
});

test("a provider that suddenly knows nobody: its addresses are held until a person decides", async () => {
  await web.db.query(
    "insert into domain_sites (domain, site, provider, mx, seen_at) values ('big.example', 'mx', 'big', '{}', now())",
  );
  await web.db.query(
    "insert into provider_answers (provider, hour, shard, answers, unknown) values ('big', $1, 0, 50000, 100)",
    [new Date(NOW - 3 * DAY)],
  );
  const burst = (from: number) => Array.from({ length: 40 }, (_, i) => unknownUser(`p${from + i}@big.example`));
  await fail(burst(0));
  expect((await entryOf("p1@big.example")).status).toBe("quarantined");
  await fail(burst(40), NOW + MINUTE);
  expect(await entryOf("p1@big.example")).toMatchObject({ status: "with-errors", held: true });
  expect(await entryOf("p41@big.example")).toMatchObject({ status: "with-errors", held: true });
  const held = await web.call("GET", `${API}/quarantine/held`);
  expect(held.body).toMatchObject({ data: [{ provider: "big", count: 80 }] });
  await web.db.transaction((tx) => recordAddressSuccesses(tx, ["p1@big.example"], NOW + HOUR));
  expect((await entryOf("p1@big.example")).status).toBe("valid");
  expect((await post("/quarantine/held/big/actions/confirm", { note: "they closed" })).body).toEqual({ count: 79 });
  await fail([unknownUser("late@big.example")], NOW + MINUTE);
  expect(await entryOf("late@big.example")).toMatchObject({ status: "quarantined", held: false });
});
