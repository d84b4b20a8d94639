import { expect, test } from "vitest";

import { mailboxOf } from "./mail-limit.ts";

test.each([
  ["ann@one.example", "ann@one.example"],
  ["ann+news@one.example", "ann@one.example"],
  ["a.n.n+x+y@one.example", "ann@one.example"],
  ["+x@one.example", "+x@one.example"],
  ['"a.b+c"@one.example', '"a.b+c"@one.example'],
  ["bob@two.example", "bob@two.example"],
])("mails to %s are counted for %s", (matchKey, mailbox) => {
  expect(mailboxOf(matchKey)).toBe(mailbox);
});
