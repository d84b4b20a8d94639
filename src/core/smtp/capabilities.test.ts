import { expect, test } from "vitest";

import { NO_CAPABILITIES, parseCapabilities } from "./capabilities.ts";

const of = (...lines: string[]) =>
  parseCapabilities({ code: 250, enhanced: null, lines: ["mx.example hello", ...lines] });

test("keywords in any case, with what follows them", () => {
  expect(
    of("PIPELINING", "SIZE 35882577", "8bitmime", "STARTTLS", "SMTPUTF8", "EnhancedStatusCodes", "CHUNKING", "dsn"),
  ).toEqual({
    pipelining: true,
    eightBitMime: true,
    smtpUtf8: true,
    startTls: true,
    enhancedStatusCodes: true,
    chunking: true,
    dsn: true,
    mailMax: null,
    size: 35_882_577,
    auth: [],
  });
});

test.each([
  [["SIZE"], 0],
  [["SIZE 0"], 0],
  [["SIZE nonsense"], 0],
  [["SIZE 10"], 10],
  [[], null],
])("%j means a size of %j", (lines, size) => {
  expect(of(...lines).size).toBe(size);
});

test.each([
  [["LIMITS MAILMAX=20 RCPTMAX=100"], 20],
  [["limits rcptmax=1 mailmax=999999"], 999_999],
  // RFC 9422 §4.1: no leading zero, at most six digits.
  [["LIMITS MAILMAX=0"], null],
  [["LIMITS MAILMAX=1000000"], null],
  [["LIMITS MAILMAX=ten MAILMAX"], null],
  [["LIMITS"], null],
])("%j allows %j messages", (lines, mailMax) => {
  expect(of(...lines).mailMax).toBe(mailMax);
});

test.each([
  [["AUTH PLAIN LOGIN"], ["PLAIN", "LOGIN"]],
  [
    ["AUTH plain", "AUTH=LOGIN"],
    ["PLAIN", "LOGIN"],
  ],
])("%j offers %j", (lines, auth) => {
  expect(of(...lines).auth).toEqual(auth);
});

test("the greeting offers nothing", () => {
  expect(parseCapabilities({ code: 250, enhanced: null, lines: ["PIPELINING"] })).toEqual(NO_CAPABILITIES);
});
