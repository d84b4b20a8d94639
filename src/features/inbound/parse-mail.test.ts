import { describe, expect, test } from "vitest";

import { decodeCharset } from "./decode-charset.ts";
import { parseMail } from "./parse-mail.ts";

const bytes = (hex: string) => Buffer.from(hex, "hex").toString("latin1");

describe("bytes by their charset", () => {
  test.each([
    ["plain", "us-ascii", "plain"],
    [bytes("c3a9"), "utf-8", "é"],
    [bytes("c3a9"), null, "é"],
    [bytes("c3a9"), "iso-8859-1", "é"],
    [bytes("e9"), "iso-8859-1", "é"],
    [bytes("e9"), "utf-8", "é"],
    [bytes("e9"), null, "é"],
    [bytes("e9"), "us-ascii", "é"],
    [bytes("e9"), "x-no-such-charset", "é"],
    [bytes("e9"), "", "é"],
    [bytes("80"), "Windows-1252", "€"],
    [bytes("a4"), "iso-8859-15", "€"],
    [bytes("f0d2c9d7c5d4"), "koi8-r", "Привет"],
    [bytes("cff0e8e2e5f2"), "windows-1251", "Привет"],
    [bytes("b9faf3f2"), "iso-8859-2", "šúóň"],
    [bytes("93fa967b8cea"), "shift_jis", "日本語"],
    [bytes("c6fccbdcb8ec"), "euc-jp", "日本語"],
    [bytes("1b2442467c4b5c386c1b2842"), "iso-2022-jp", "日本語"],
    [bytes("1b2442467c4b5c386c1b2842"), "us-ascii", "日本語"],
    [bytes("1b2442467c4b5c386c1b2842"), null, "日本語"],
    [bytes("c7d1b1b9"), "ks_c_5601-1987", "한국"],
    [bytes("d6d0cec4"), "gb2312", "中文"],
    [bytes("a4a4a4e5"), "big5", "中文"],
    [bytes("4800e900"), "utf-16le", "Hé"],
    [bytes("c3a9c3"), "utf-8", "é"],
    [bytes("ff00"), "utf-7", "ÿ\0"],
  ])("%j as %s", (given, charset, expected) => expect(decodeCharset(given, charset)).toBe(expected));

  test("labels of hostile mail are not kept without end", () => {
    for (let i = 0; i < 1000; i++) expect(decodeCharset("\xe9", `x-${i}`)).toBe("é");
    expect(decodeCharset("\xe9", "x".repeat(100_000))).toBe("é");
  });
});

describe("a mail", () => {
  test("with 8-bit headers, encoded words and parts in several charsets", async () => {
    const raw = [
      "From: Ad\xe8le <ada@one.example>",
      "Subject: =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?= =?koi8-r?Q?=F0=D2?=",
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/plain; charset=windows-1251",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "=CF=F0=E8=E2=E5=F2",
      "--b",
      "Content-Type: text/html; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "",
      Buffer.from("<p>caf\u00e9</p>").toString("base64"),
      "--b",
      "Content-Type: message/delivery-status",
      "",
      "Final-Recipient: utf-8; ad\xc3\xa8le@one.example",
      "--b--",
    ].join("\r\n");
    expect(await parseMail(Buffer.from(raw, "latin1"))).toEqual({
      headers: [
        { name: "from", value: "Adèle <ada@one.example>" },
        { name: "subject", value: "日本語Пр" },
        { name: "content-type", value: "multipart/mixed; boundary=b" },
      ],
      parts: [
        { type: "text/plain", text: "Привет" },
        { type: "text/html", text: "<p>café</p>" },
        { type: "message/delivery-status", text: "Final-Recipient: utf-8; adèle@one.example" },
      ],
    });
  });

  test("out of a larger buffer", async () => {
    const buffer = new TextEncoder().encode("xxxSubject: a\n\nbxxx");
    expect(await parseMail(buffer.subarray(3, -3))).toEqual({
      headers: [{ name: "subject", value: "a" }],
      parts: [{ type: "text/plain", text: "b" }],
    });
  });

  test("that is none is one text", async () => {
    expect(await parseMail(new Uint8Array())).toEqual({ headers: [], parts: [{ type: "text/plain", text: "" }] });
    expect((await parseMail(Buffer.from([0, 255, 13, 10]))).parts).toHaveLength(1);
  });
});
