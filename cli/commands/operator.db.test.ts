/** `envoi operator`: the way in for the first administrator, and for whoever forgot their password. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

import { PASSWORD, signIn } from "../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../test/web-app.ts";

const CLI = fileURLToPath(new URL("../main.ts", import.meta.url));

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

async function envoi(words: readonly string[], input = "") {
  const env = { ...process.env, DATABASE_URL: web.db.url, ENVOI_DATA_DIR: web.dir };
  const child = spawn(process.execPath, [CLI, "operator", ...words], { env });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on("close", resolve)),
  ]);
  return { stdout, stderr, code };
}

test("makes the first administrator, whose password they choose themselves, and lets them in again", async () => {
  const made = await envoi(["create", "Boss@Example.com", "--name", "The Boss"]);
  expect([made.code, made.stdout]).toEqual([
    0,
    expect.stringMatching(/^http:\/\/127\.0\.0\.1:8080\/#invitation=\S+\n$/),
  ]);
  const invitation = made.stdout.trim().split("=")[1];
  const payload = { invitation, password: PASSWORD };
  await web.app.inject({ method: "POST", url: "/api/v1/session/password", payload });
  expect((await signIn(web, { login: "boss@example.com", password: PASSWORD })).status).toBe(204);

  const reset = await envoi(
    ["reset", "boss@example.com", "--password-stdin", "--second-factor"],
    "the other long one\n",
  );
  expect([reset.code, reset.stdout]).toEqual([0, "boss@example.com signs in with this password\n"]);
  expect((await signIn(web, { login: "boss@example.com", password: PASSWORD })).code).toBe("sign-in-failed");
  expect((await signIn(web, { login: "boss@example.com", password: "the other long one" })).status).toBe(204);

  const list = await envoi(["list", "--json"]);
  const boss = { login: "boss@example.com", name: "The Boss", roles: ["administrator"], disabled: false };
  expect(JSON.parse(list.stdout)).toEqual([boss]);
  const log = await web.call("GET", "/api/v1/audit?resource=operators");
  expect(
    (log.body as { data: { actor: string; action: string }[] }).data.map((line) => `${line.actor}: ${line.action}`),
  ).toEqual(["command line: reset", "command line: create"]);
});

test.each([
  ["a role that is none", ["create", "a@example.com", "--role", "king"], "", 2, "--role"],
  ["a weak password", ["create", "b@example.com", "--password-stdin"], "short\n", 2, "fewer than 12"],
  ["an operator that nobody is", ["reset", "c@example.com"], "", 2, "no operator c@example.com"],
])("refuses %s and says why", async (_name, words, input, code, message) => {
  const answer = await envoi(words, input);
  expect([answer.code, answer.stdout, answer.stderr]).toEqual([code, "", expect.stringContaining(message)]);
});
