import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { parseRetryHint } from "./hints.ts";

describe("parseRetryHint", () => {
  it.each([
    ["451 4.7.1 Please try again in 300 seconds", 300 * SECOND],
    ["450 4.2.0 Greylisted, please retry in 5 minutes", 5 * MINUTE],
    ["451 Greylisted for 4 minutes", 4 * MINUTE],
    ["450 graylisted, see http://example.com/ for 300s", 300 * SECOND],
    ["421 Too many connections, retry after 60 seconds", MINUTE],
    ["421 retry-after: 120", 2 * MINUTE],
    ["451 4.7.1 Greylisting in action, please come back in 00:04:37", 4 * MINUTE + 37 * SECOND],
    ["450 come back in 1 hour", HOUR],
    ["450 wait 2 hrs before trying again", 2 * HOUR],
    ["451 Réessayez dans 10 minutes", 10 * MINUTE],
    ["451 Bitte versuchen Sie es in 2 Stunden erneut", 2 * HOUR],
    ["451 Intente de nuevo en 3 horas", 3 * HOUR],
    ["450 deferred for 1 day", DAY],
    ["451 600 seconds remaining before retry", 600 * SECOND],
    ["421 4.7.0 Try again later", null],
    ["550 5.1.1 User unknown", null],
    ["552 5.2.2 mailbox full, retry in 0 seconds", null],
    ["450 4.7.1 sent 300 messages in the last hour, try later", null],
    ["451 try again, see id 300 sxyz", null],
    ["", null],
  ])("%s", (text, expected) => {
    expect(parseRetryHint(text)).toBe(expected);
  });

  it("reads what it was told, in any of its units", () => {
    const units = [
      ["seconds", SECOND],
      ["minutes", MINUTE],
      ["hours", HOUR],
    ] as const;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.constantFrom(...units), (n, [unit, size]) => {
        expect(parseRetryHint(`450 try again in ${n} ${unit}`)).toBe(n * size);
      }),
    );
  });

  it("stays fast on a text made to trip it", () => {
    const start = performance.now();
    parseRetryHint("try ".repeat(5000));
    parseRetryHint("retrytent".repeat(1000));
    parseRetryHint("1 s ".repeat(5000));
    parseRetryHint("retry after 1234567 ".repeat(1000));
    expect(performance.now() - start).toBeLessThan(200);
  });
});
