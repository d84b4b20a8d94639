import { expect, test } from "vitest";

import { HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { DEFAULT_TIMEOUTS, timeoutsOf } from "./timeouts.ts";

test("a rule that says nothing leaves all as it is", () => {
  expect(timeoutsOf({ connect: null, data: null, other: null })).toEqual(DEFAULT_TIMEOUTS);
});

test("each of a rule's three has its phases", () => {
  const timeouts = timeoutsOf({ connect: 7 * SECOND, data: HOUR, other: 20 * SECOND });
  expect(timeouts).toMatchObject({ connect: 7 * SECOND, data: HOUR, body: HOUR, dot: HOUR });
  for (const phase of ["greeting", "ehlo", "starttls", "tls", "auth", "mail", "rcpt", "rset"] as const) {
    expect(timeouts[phase]).toBe(20 * SECOND);
  }
});

test("the reply to the content is never waited for less than five minutes", () => {
  expect(timeoutsOf({ connect: null, data: 30 * SECOND, other: null })).toMatchObject({
    data: 30 * SECOND,
    dot: 5 * MINUTE,
  });
});
