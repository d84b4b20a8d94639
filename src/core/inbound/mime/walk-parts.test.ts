import { describe, expect, test } from "vitest";

import { MAX_DEPTH, MAX_PARTS, MAX_STEPS, walkParts } from "./walk-parts.ts";

/** Types and bodies of the leaves. */
const leaves = (mail: string) =>
  walkParts(mail).leaves.map(({ media, start, end }) => [media.type, mail.slice(start, end)]);
const multipart = (body: string, type = "multipart/report; boundary=b") => `Content-Type: ${type}\n\n${body}`;

describe("leaves in the order of the mail", () => {
  test.each<[string, string, string[][]]>([
    ["no MIME", "To: a\n\nHello", [["text/plain", "Hello"]]],
    [
      "two parts, with preamble and epilogue",
      multipart("pre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\nepilogue"),
      [
        ["text/plain", "one\n"],
        ["text/html", "two\n"],
      ],
    ],
    [
      "CRLF",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n",
      [["text/plain", "one\r\n"]],
    ],
    ["CR", "Content-Type: multipart/mixed; boundary=b\r\r--b\r\rone\r--b--\r", [["text/plain", "one\r"]]],
    [
      "no end",
      multipart("--b\n\none\n--b\nContent-Type: message/rfc822\n\nSubject: x"),
      [
        ["text/plain", "one\n"],
        ["message/rfc822", "Subject: x"],
      ],
    ],
    [
      "nested",
      multipart(
        "--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb\n\ntwo\n--bb--\n--b\n\nthree\n--b--",
      ),
      [
        ["text/plain", "one\n"],
        ["text/plain", "two\n"],
        ["text/plain", "three\n"],
      ],
    ],
    [
      "nested without its end",
      multipart("--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--"),
      [
        ["text/plain", "one\n"],
        ["text/plain", "two\n"],
      ],
    ],
    [
      "a mail inside a mail is one leaf, with all its parts",
      multipart(
        "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--i--\n--b--",
      ),
      [["message/rfc822", "Content-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--i--\n"]],
    ],
    [
      "a digest holds mails",
      multipart("--b\n\nSubject: x\n--b--", "multipart/digest; boundary=b"),
      [["message/rfc822", "Subject: x\n"]],
    ],
    ["indented delimiters", multipart("  --b\n\none\n --b--"), [["text/plain", "one\n"]]],
    ["blanks behind them", multipart("--b \t\n\none\n--b-- "), [["text/plain", "one\n"]]],
    ["a longer boundary is another", multipart("--b\n\none\n--bc\n--b--"), [["text/plain", "one\n--bc\n"]]],
    [
      "a boundary that does not come: the one that does",
      multipart(
        "--real\nContent-Type: text/plain\n\none\n--real\nContent-Type: message/delivery-status\n\nx\n--real--",
      ),
      [
        ["text/plain", "one\n"],
        ["message/delivery-status", "x\n"],
      ],
    ],
    [
      "none declared",
      multipart("--real\nContent-Type: text/html\n\none\n--real--", "multipart/mixed"),
      [["text/html", "one\n"]],
    ],
    [
      "a lost Content-Type",
      "To: a\n\nThis is a multi-part message in MIME format.\n--real\nContent-Type: text/html\n\none\n--real--",
      [["text/html", "one\n"]],
    ],
    [
      "a text that quotes a multipart is a text",
      "To: a\n\nYour message to ada@one.example failed.\n--real\nContent-Type: text/html\n\none\n--real--",
      [["text/plain", "Your message to ada@one.example failed.\n--real\nContent-Type: text/html\n\none\n--real--"]],
    ],
    ["a multipart without parts is a text", multipart("failed"), [["text/plain", "failed"]]],
    [
      "a part without header and blank line",
      multipart("--b\nYour message failed\n--b--"),
      [["text/plain", "Your message failed\n"]],
    ],
    ["nothing", "", [["text/plain", ""]]],
  ])("%s", (_, mail, expected) => expect(leaves(mail)).toEqual(expected));
});

describe("bombs: bounded leaves, each line looked at a bounded number of times", () => {
  const deep = (depth: number, boundary: (i: number) => string) =>
    Array.from(
      { length: depth },
      (_, i) => `Content-Type: multipart/mixed; boundary=${boundary(i)}\n\n--${boundary(i)}\n`,
    ).join("");
  test.each<[string, string]>([
    ["ten thousand parts", multipart("--b\n\nx\n".repeat(10_000))],
    ["ten thousand empty parts", multipart("--b\n".repeat(10_000))],
    ["parts within parts", deep(10_000, (i) => `b${i}`)],
    ["parts within parts of the same boundary", deep(10_000, () => "b")],
    ["parts within parts whose boundaries never come", "Content-Type: multipart/mixed; boundary=no\n\n".repeat(10_000)],
    [
      "parts whose boundaries never come",
      multipart("--b\nContent-Type: multipart/mixed; boundary=no\n\nx\n".repeat(10_000)),
    ],
    ["a million lines that look like delimiters", multipart(`--b\n\n${"--\n".repeat(1_000_000)}`)],
    ["a long line of dashes", multipart(`--b\n\n${"-".repeat(5_000_000)}`)],
    ["nothing but line ends", multipart("\n".repeat(5_000_000))],
    ["nothing but CR", multipart("\r".repeat(5_000_000))],
  ])("%s", (_, mail) => {
    const walked = walkParts(mail);
    expect(walked.leaves.length).toBeLessThanOrEqual(MAX_PARTS);
    expect(walked.leaves.length).toBeGreaterThan(0);
    expect(walked.steps).toBeLessThanOrEqual(MAX_STEPS + 2 * MAX_DEPTH);
    for (const { start, end } of walked.leaves) expect(end).toBeGreaterThanOrEqual(start);
  });

  test("a large attachment costs no steps, and what comes after it is found", () => {
    const attachment = `--b\nContent-Type: application/pdf\n\n${"QUJD".repeat(19)}\n`.padEnd(
      10_000_000,
      `${"QUJD".repeat(19)}\n`,
    );
    const walked = walkParts(
      multipart(`${attachment}\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n--b--`),
    );
    expect(walked.leaves.map(({ media }) => media.type)).toEqual(["application/pdf", "message/delivery-status"]);
    expect(walked.steps).toBeLessThan(20);
  });
});
