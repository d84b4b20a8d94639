/** Who is told to wait, and that nobody else is. */
import fc from "fast-check";
import { fastify } from "fastify";
import { expect, test } from "vitest";

import { createLog } from "../../platform/log.ts";
import { answerProblems } from "./problems.ts";
import { createMeter, LIMITS, limitRequests } from "./rate-limit.ts";

test("a burst passes, then as many as the rate lets through", () => {
  const meter = createMeter({ perSecond: 10, burst: 3 });
  expect([0, 0, 0, 0].map((at) => meter("a", at))).toEqual([0, 0, 0, 100]);
  expect([meter("b", 0), meter("a", 99), meter("a", 100), meter("a", 100)]).toEqual([0, 1, 0, 100]);
});

test("in any stretch of time no more pass than burst and rate allow", () => {
  const arrivals = fc.array(fc.nat(300), { minLength: 20, maxLength: 200 });
  fc.assert(
    fc.property(
      arrivals,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 10 }),
      (gaps, perSecond, burst) => {
        const meter = createMeter({ perSecond, burst });
        let now = 0;
        const passed: number[] = [];
        for (const gap of gaps) if (meter("a", (now += gap)) === 0) passed.push(now);
        for (const [i, from] of passed.entries()) {
          for (const [j, to] of passed.entries()) {
            if (j > i)
              expect(j - i + 1).toBeLessThanOrEqual(burst + Math.floor(((to - from) * perSecond) / 1000 + 1e-6));
          }
        }
      },
    ),
  );
});

test("clients that were quiet are forgotten, others not: memory stays bounded and nobody gets a second burst", () => {
  const meter = createMeter({ perSecond: 1, burst: 1 }, 3);
  for (const client of ["a", "b", "c"]) meter(client, 0);
  expect(meter("b", 10)).toBe(990);
  meter("d", 500);
  expect(["b", "c", "d"].map((client) => meter(client, 501))).toEqual([499, 499, 999]);
  expect(meter("a", 502)).toBe(0);
});

test("over HTTP: 429 with Retry-After, by place and by address, the two of one IPv6 customer together", async () => {
  const app = fastify({ trustProxy: true });
  const one = { perSecond: 0.5, burst: 1 };
  answerProblems(app, createLog("silent", "test"));
  limitRequests(app, { ...LIMITS, "sign-in": one, page: one }, () => 0);
  app.get("/m/x", async () => "page");
  app.get("/o/x", async () => "pixel");
  app.post("/api/v1/session", { config: { limit: "sign-in" } }, async () => "in");
  const ask = async (method: "GET" | "POST", url: string, from: string) => {
    const answer = await app.inject({ method, url, headers: { "x-forwarded-for": from } });
    return [answer.statusCode, answer.headers["retry-after"]];
  };
  expect(await ask("GET", "/m/x", "192.0.2.1")).toEqual([200, undefined]);
  expect(await ask("GET", "/m/x", "192.0.2.1")).toEqual([429, "2"]);
  expect(await ask("GET", "/m/x", "192.0.2.2")).toEqual([200, undefined]);
  expect(await ask("GET", "/o/x", "192.0.2.1")).toEqual([200, undefined]);
  expect(await ask("POST", "/api/v1/session", "2001:db8::1")).toEqual([200, undefined]);
  expect(await ask("POST", "/api/v1/session", "2001:db8::2")).toEqual([429, "2"]);
  await app.close();
});
