import { describe, expect, test } from "vitest";

import { contentTypeOf } from "./content-type.ts";

const bytes = (latin1: string) => new Uint8Array(Buffer.from(latin1, "latin1"));

describe("the first bytes have the last word", () => {
  test.each([
    ["\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"],
    ["\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"],
    ["GIF89a\x01\0\x01\0", "image/gif"],
    ["RIFF\x24\0\0\0WEBPVP8 ", "image/webp"],
    ["\0\0\0\x1cftypavif\0\0", "image/avif"],
    ["BM\x46\0\0\0\0\0\0\0\x36", "image/bmp"],
    ["II*\0\x08\0", "image/tiff"],
    ["%PDF-1.7\n", "application/pdf"],
    ["PK\x03\x04\x14\0", "application/zip"],
    ["\x1f\x8b\x08\0", "application/gzip"],
  ])("%j is %s", (start, type) => {
    expect(contentTypeOf(bytes(start), "text/html")).toBe(type);
    expect(contentTypeOf(bytes(start), "")).toBe(type);
  });
});

describe("otherwise what was declared counts, where it can", () => {
  test.each([
    ["text/csv", "text/csv"],
    [' Text/Calendar ; charset=utf-8; method="REQUEST"', "text/calendar"],
    ["image/svg+xml", "image/svg+xml"],
    ["", "application/octet-stream"],
    ["text", "application/octet-stream"],
    ["text/", "application/octet-stream"],
    ["text/a b", "application/octet-stream"],
    ["text/html\r\nBcc: x@x.example", "application/octet-stream"],
    ["text/plain/html", "application/octet-stream"],
    [`text/${"x".repeat(128)}`, "application/octet-stream"],
    ["multipart/mixed; boundary=x", "application/octet-stream"],
    ["message/rfc822", "application/octet-stream"],
    ["image/png", "application/octet-stream"],
    ["APPLICATION/PDF", "application/octet-stream"],
  ])("%j becomes %s", (declared, type) => {
    expect(contentTypeOf(bytes("a,b\n"), declared)).toBe(type);
  });

  test.each([
    ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", true],
    ["application/epub+zip", true],
    ["text/html", false],
  ])("an archive that says it is %s", (declared, kept) => {
    expect(contentTypeOf(bytes("PK\x03\x04"), declared)).toBe(kept ? declared : "application/zip");
  });

  test("without a byte too", () => {
    expect(contentTypeOf(new Uint8Array(), "text/plain")).toBe("text/plain");
  });

  test("a view into a larger buffer is read from its own start", () => {
    expect(contentTypeOf(bytes("xxx%PDF-1.4").subarray(3), "")).toBe("application/pdf");
  });
});
