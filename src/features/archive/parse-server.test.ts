import { expect, test } from "vitest";

import { parseServer } from "./parse-server.ts";

test.each([
  ["mail.archive.example:25", { host: "mail.archive.example", port: 25 }],
  [" Mail.Archive.Example:587 ", { host: "mail.archive.example", port: 587 }],
  ["bücher.example:25", { host: "xn--bcher-kva.example", port: 25 }],
  ["192.0.2.7:2525", { host: "192.0.2.7", port: 2525 }],
  ["[2001:db8::7]:25", { host: "2001:db8::7", port: 25 }],
  ["localhost:25", { host: "localhost", port: 25 }],
  ["mailhost-2:25", { host: "mailhost-2", port: 25 }],
])("%j is a server", (text, server) => {
  expect(parseServer(text)).toEqual(server);
});

test.each([
  "",
  "mail.archive.example",
  ":25",
  "mail.archive.example:",
  "mail.archive.example:0",
  "mail.archive.example:65536",
  "mail.archive.example:25:26",
  "user@mail.archive.example:25",
  "smtp://mail.archive.example:25",
  "mail archive.example:25",
  "-mail:25",
  "[mail.example]:25",
  "[192.0.2.7]:25",
  "2001:db8::7:25",
  "2130706433:25",
  "999.0.2.7:25",
  "mail..example:25",
  "mail.example:25\r\nRCPT TO:<x@y>",
])("%j is none", (text) => {
  expect(parseServer(text)).toBeNull();
});
