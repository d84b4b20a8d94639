/** How long DMARC records are waited for and remembered. */
import { expect, test } from "vitest";

import type { TextAnswer } from "../../core/dmarc/find-policy.ts";
import { MINUTE, SECOND } from "../../core/time.ts";
import { createDmarcLookup } from "./dmarc-lookup.ts";

function rig(answer: (name: string) => Promise<TextAnswer>, patience?: number) {
  const asked: string[] = [];
  let now = 0;
  const txt = (name: string) => {
    asked.push(name);
    return answer(name);
  };
  const ask = createDmarcLookup({ txt }, { now: () => now, ...(patience === undefined ? {} : { patience }) });
  return { asked, ask, pass: (time: number) => (now += time) };
}

test("each name is asked about once in ten minutes, a failure again after half a minute", async () => {
  const { asked, ask, pass } = rig((name) =>
    Promise.resolve(name === "_dmarc.b.example" ? { kind: "failed", detail: "SERVFAIL" } : { kind: "no-such-name" }),
  );
  expect(await ask(["a.example", "b.example"])).toEqual(
    new Map([
      ["a.example", { kind: "no-such-name" }],
      ["b.example", { kind: "failed", detail: "SERVFAIL" }],
    ]),
  );
  await ask(["a.example", "b.example"]);
  expect(asked).toEqual(["_dmarc.a.example", "_dmarc.b.example"]);
  pass(31 * SECOND);
  await ask(["a.example", "b.example"]);
  expect(asked).toHaveLength(3);
  pass(10 * MINUTE);
  await ask(["a.example", "b.example"]);
  expect(asked).toHaveLength(5);
});

test("who does not answer in time has failed, and so has who throws; the others count", async () => {
  const { ask } = rig((name) => {
    if (name === "_dmarc.silent.example") return new Promise(() => {});
    if (name === "_dmarc.broken.example") return Promise.reject(new Error("no network"));
    return Promise.resolve({ kind: "records", records: ["v=DMARC1; p=none"] });
  }, 20);
  // Time that passes lets the program end: something has to hold it.
  const held = setInterval(() => {}, 1000);
  const answers = await ask(["silent.example", "broken.example", "quick.example"]);
  clearInterval(held);
  expect([...answers.values()]).toEqual([
    { kind: "failed", detail: "no answer in time" },
    { kind: "failed", detail: "no network" },
    { kind: "records", records: ["v=DMARC1; p=none"] },
  ]);
});
