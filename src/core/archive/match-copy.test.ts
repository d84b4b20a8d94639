/** A message is found in its copy whatever servers put in front of it, and only when it is the very same. */
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";

import { mintTag, type TokenKey, type TokenKeys } from "../tracking/token.ts";
import { copyNamed, recogniseCopy } from "./match-copy-key.ts";
import { fieldsBeforeOriginal, MAX_STARTS, withCrlf, withoutFromQuotes } from "./match-copy.ts";

const bytesOf = (text: string) => Buffer.from(text, "latin1");
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const found = (copy: string, original: string, guess = 0) =>
  fieldsBeforeOriginal(withCrlf(bytesOf(copy)), sha256(bytesOf(original)), sha256, guess);
const fieldsIn = (text: string) => text.split("\r\n").filter((line) => /^[^\t]/.test(line)).length;

const words = fc.stringMatching(/^[!-~]{1,12}$/);
const values = fc.array(words, { minLength: 1, maxLength: 8 }).map((list) => list.join(" "));
const folded = fc.array(values, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\r\n\t"));
const fields = (names: readonly string[], max: number) =>
  fc
    .array(fc.tuple(fc.constantFrom(...names), folded), { maxLength: max })
    .map((list) => list.map(([name, value]) => `${name}: ${value}\r\n`).join(""));
const trace = fields(
  ["Return-Path", "Received", "Delivered-To", "X-Spam", "Authentication-Results", "DKIM-Signature"],
  12,
);
const bodies = fc
  .array(fc.oneof(values, fc.constantFrom("", ">From a", "From: b", ">>From c", ">>>")), { maxLength: 12 })
  .map((lines) => lines.map((line) => `${line}\r\n`).join(""));
/** Like ours: CRLF only, and no line begins with `From `. */
const messages = fc
  .tuple(fields(["DKIM-Signature", "From", "To", "Subject", "Message-ID"], 8), values, bodies)
  .map(([head, subject, body]) => `From: a@b.example\r\nSubject: ${subject}\r\n${head}\r\n${body}`);

/** As mailbox files of the kind mboxrd keep it. */
const quoteFrom = (text: string) => text.replace(/^(>*From )/gm, ">$1");

describe("a message in its copy", () => {
  test("is found behind any fields of servers, with either line ends", () => {
    fc.assert(
      fc.property(trace, messages, fc.boolean(), fc.nat({ max: 12 }), (front, message, bare, guess) => {
        const copy = bare ? (front + message).replaceAll("\r\n", "\n") : front + message;
        expect(found(copy, message, guess)).toBe(fieldsIn(front));
      }),
    );
  });

  test("is found in a mailbox file, whether it quotes or not", () => {
    fc.assert(
      fc.property(trace, messages, (front, message) => {
        const kept = quoteFrom(front + message).replaceAll("\r\n", "\n");
        expect(found(textOf(withoutFromQuotes(bytesOf(kept))), message)).toBe(fieldsIn(front));
      }),
    );
  });

  test("is not found when a byte was changed, added or lost", () => {
    fc.assert(
      fc.property(trace, messages, fc.nat(), fc.constantFrom("change", "add", "lose"), (front, message, n, act) => {
        const at = n % message.length;
        const middle = act === "lose" ? "" : act === "add" ? `~${message[at]}` : message[at] === "~" ? "!" : "~";
        const copy = front + message.slice(0, at) + middle + message.slice(at + 1);
        // a CR or LF that is lost may come back with the line ends
        fc.pre(textOf(withCrlf(bytesOf(copy))) !== front + message);
        expect(found(copy, message)).toBeNull();
      }),
    );
  });

  test("is looked for in the header only, behind 99 fields at most", () => {
    const message = "From: a@b.example\r\n\r\nhello\r\n";
    const front = (count: number) => "X-Hop: 1\r\n\t2\r\n".repeat(count);
    expect(found(front(MAX_STARTS - 1) + message, message)).toBe(MAX_STARTS - 1);
    expect(found(front(MAX_STARTS) + message, message)).toBeNull();
    expect(found(`Subject: Fwd\r\n\r\n${message}`, message)).toBeNull();
    expect(found("", message)).toBeNull();
  });

  test.each([
    ["X: 1\nFrom: a\n\nb\n", "X: 1\r\nFrom: a\r\n\r\nb\r\n"],
    ["\n\r\n\n", "\r\n\r\n\r\n"],
    ["a\rb\r\r\n", "a\rb\r\r\n"],
    ["no end", "no end"],
  ])("line ends of %j", (given, expected) => {
    expect(textOf(withCrlf(bytesOf(given)))).toBe(expected);
  });

  test("what has nothing to change comes back as it is, without a copy of it", () => {
    const bytes = bytesOf("From: a\r\n\r\n> From x\r\n>Fromage\r\nx >From y\r\n>");
    expect(withCrlf(bytes)).toBe(bytes);
    expect(withoutFromQuotes(bytes)).toBe(bytes);
  });
});

const KEY: TokenKey = { id: 7, words: [1, 2, 3, 4] };
const KEYS: TokenKeys = { current: KEY, byId: new Map([[7, KEY]]) };
const MESSAGE = { partId: 1207, seq: 5 };
const TAG = mintTag(KEY, MESSAGE);

describe("whose copy it is", () => {
  test.each([
    ["its Message-ID", `Message-ID: <1207-5.m1abc.${TAG}@sender.example>`],
    ["in capitals, folded, with bare line feeds", `MESSAGE-ID:\n <1207-5.M1ABC.${TAG.toUpperCase()}@sender.example>`],
    ["its Feedback-ID where the Message-ID was replaced", `Message-ID: <x@y>\r\nFeedback-ID: 42:bulk:${TAG}:sender`],
    ["one of several", `Message-Id: <other@y>\r\nX: 1\r\nMessage-ID: <1207-5.m1abc.${TAG}@sender.example>`],
  ])("is known by %s", (_, header) => {
    expect(recogniseCopy(bytesOf(`Received: x\r\n${header}\r\n\r\nbody`), KEYS)).toEqual(MESSAGE);
    expect(recogniseCopy(bytesOf(`Received: ${"x".repeat(9000)}\r\n${header}`), KEYS)).toEqual(MESSAGE);
  });

  test.each([
    ["a tag that nobody minted", `Message-ID: <1207-5.m1abc.${TAG.slice(0, -1)}${TAG.endsWith("a") ? "b" : "a"}@s>`],
    ["a message in another one", `Subject: bounce\r\n\r\nMessage-ID: <1207-5.m1abc.${TAG}@sender.example>`],
    ["another field", `In-Reply-To: <1207-5.m1abc.${TAG}@sender.example>`],
    ["nothing", ""],
    ["no text at all", "\0\xff\r\r\n\0"],
  ])("is not known by %s", (_, text) => {
    expect(recogniseCopy(bytesOf(text), KEYS)).toBeNull();
  });

  test("is never known in what chance throws up, however long it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        expect(recogniseCopy(bytes, KEYS)).toBeNull();
      }),
    );
    expect(recogniseCopy(bytesOf("Message-ID:".repeat(100_000)), KEYS)).toBeNull();
    expect(recogniseCopy(bytesOf(`Message-ID:${"\n ".repeat(100_000)}`), KEYS)).toBeNull();
  });

  test.each([
    ["2026-05-04/13h/42-1207-5-sent.eml", { deliveryId: 42, key: MESSAGE }],
    ["42-1207-5.eml", { deliveryId: 42, key: MESSAGE }],
    ["/somewhere/else/42-1207-5-sent-archived.eml", { deliveryId: 42, key: MESSAGE }],
    ["42-1207-5.eml.part", null],
    ["message.eml", null],
  ])("the name %s", (path, named) => {
    expect(copyNamed(path)).toEqual(named === null ? null : expect.objectContaining(named));
  });
});
