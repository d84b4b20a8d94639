import { describe, expect, test } from "vitest";

import { MAX_TEXT, MAX_TEXTS, readMime } from "./read-mime.ts";

/** Counts the characters that are handed over for decoding. */
function reader() {
  const counted = { characters: 0 };
  const decode = (bytes: string) => {
    counted.characters += bytes.length;
    return bytes;
  };
  return { counted, read: (mail: string) => readMime(mail, decode) };
}

const { read } = reader();
const multipart = (...parts: string[]) =>
  `From: a\nContent-Type: multipart/mixed; boundary=b\n\n${parts.map((part) => `--b\n${part}\n`).join("")}--b--\n`;

test("headers in lower case, in order, decoded; texts decoded, with LF", () => {
  const mail = "From: Ada\r\nX-A: =?utf-8?Q?b=3D?=\r\nContent-Transfer-Encoding: base64\r\n\r\nb25lDQp0d28NCg==\r\n";
  expect(read(mail)).toEqual({
    headers: [
      { name: "from", value: "Ada" },
      { name: "x-a", value: "b=" },
      { name: "content-transfer-encoding", value: "base64" },
    ],
    parts: [{ type: "text/plain", text: "one\ntwo" }],
  });
});

test("line ends in encoded words become blanks: a subject is one line", () => {
  expect(read("Subject: =?utf-8?Q?one=0D=0Atwo=0A?=\n\n").headers).toEqual([{ name: "subject", value: "one two" }]);
});

test("texts of text and message parts and of plain data, nothing of others", () => {
  const parts = ["text/html", "message/rfc822", "application/octet-stream", "image/png", "application/zip"];
  const mail = multipart(...parts.map((type) => `Content-Type: ${type}\n\nx`));
  expect(read(mail).parts).toEqual(parts.map((type, i) => ({ type, text: i < 3 ? "x" : "" })));
});

describe("what nobody reads is not decoded", () => {
  test.each([
    [
      "a picture",
      multipart(`Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n${"QUJD".repeat(2_500_000)}`),
      500,
    ],
    ["a long text", multipart(`Content-Transfer-Encoding: base64\n\n${"QUJD".repeat(2_500_000)}`), MAX_TEXT + 500],
    ["many texts", multipart(...Array.from({ length: 150 }, () => `\n${"x".repeat(100_000)}`)), MAX_TEXTS + MAX_TEXT],
    ["a long header", `Subject: ${"x".repeat(5_000_000)}\n\n`, 20_000],
    ["many encoded words", `Subject: ${"=?a?Q?b?= ".repeat(500_000)}\n\n`, 40_000],
  ])("%s", (_, mail, bound) => {
    const counting = reader();
    const { parts } = counting.read(mail);
    expect(counting.counted.characters).toBeLessThanOrEqual(bound);
    expect(parts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(MAX_TEXTS);
  });
});
