import { expect, test } from "vitest";

import { parseMailboxUrl } from "./mailbox-url.ts";

test("an address of a mailbox is read, and shown without its password", () => {
  expect(parseMailboxUrl("imaps://arch%40ive:p%40ss%2F@mail.example/Copies/May%202026")).toEqual({
    host: "mail.example",
    port: 993,
    implicitTls: true,
    user: "arch@ive",
    password: "p@ss/",
    folder: ["Copies", "May 2026"],
    shown: "imaps://arch%40ive@mail.example/Copies/May%202026",
  });
  expect(parseMailboxUrl("imap://archive@[::1]:1143")).toMatchObject({
    host: "::1",
    port: 1143,
    implicitTls: false,
    password: null,
    folder: ["INBOX"],
  });
});

test.each([
  "",
  "mail.example",
  "http://a:b@mail.example/",
  "imap://mail.example/INBOX",
  "imap://a:b@mail.example:0/",
  "imap://a:b@mail.example:99999/",
  "imap://a:%zz@mail.example/",
  "imap://a:b@mail.example/IN%0D%0ABOX",
])("%j is no mailbox", (text) => {
  expect(parseMailboxUrl(text)).toBeNull();
});
