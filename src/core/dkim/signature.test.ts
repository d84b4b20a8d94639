import { createPublicKey, generateKeyPairSync } from "node:crypto";

import fc from "fast-check";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { describe, expect, it } from "vitest";

import { readSigningKey, sha256Base64, signRsaSha256 } from "../../adapters/crypto/crypto.ts";
import { compileContent } from "../message/compile-content.ts";
import { composeMessage } from "../message/compose-message.ts";
import { finishSignature, prepareSigning } from "./signature.ts";
import { relaxHeader } from "./relaxed-header.ts";

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const publicKey = createPublicKey(pair.privateKey).export({ type: "spki", format: "der" }).toString("base64");
const identity = { domain: "example.com", selector: "s2026" };
const at = Date.UTC(2026, 1, 3);

async function resolver(name: string): Promise<string[][]> {
  if (name === "s2026._domainkey.example.com") return [[`v=DKIM1; k=rsa; p=${publicKey}`]];
  throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
}

async function sign(vars: Record<string, unknown>, parts: { html?: string; text?: string }): Promise<string> {
  const compiled = compileContent({
    subject: "Hi {{ recipient.a }}",
    ...parts,
    sender: { name: "{{ recipient.a }} Shop", address: "news@example.com" },
    replyTo: "reply@example.com",
    headers: [
      {
        name: "List-Unsubscribe",
        value: `<https://example.com/${"u".repeat(90)}/{{ message.key }}>, <mailto:u@example.com>`,
      },
      { name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click" },
      { name: "X-Note", value: "{{ recipient.a }}" },
    ],
  });
  if (compiled.kind === "errors") throw new Error(JSON.stringify(compiled.errors));
  const facts = { key: "12-3", deliveryId: "7", deliveryLabel: "x", at, recipient: "jörg@example.net" };
  const made = composeMessage(compiled.content, vars, facts);
  if (made.kind === "error") throw new Error(made.message);
  const key = readSigningKey(pem);
  if (key.kind !== "key") throw new Error(key.detail);
  const input = prepareSigning(identity, made.headers, sha256Base64(made.body), at);
  const dkim = finishSignature(input, await signRsaSha256(key.key, input.data));
  return `${dkim.text}${made.headers.map((field) => field.text).join("")}\r\n${made.body}`;
}

async function verdictOn(wire: string) {
  const { results } = await dkimVerify(Buffer.from(wire, "latin1"), { resolver, curTime: new Date(at + 1000) });
  const [result] = results;
  return { result: result?.status.result, comment: result?.status.comment };
}

const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "  ", "a\r\nBcc: x@y.example", ".", "é".repeat(90), "b= h=From; a  b"),
);

describe("relaxHeader", () => {
  it.each([
    ["A: X\r\n", "a:X"],
    ["B : Y\t\r\n\tZ  \r\n", "b:Y Z"],
    ["Subject:\r\n", "subject:"],
    ["X: a:b\r\n", "x:a:b"],
  ])("%j becomes %j (RFC 6376 §3.4.5)", (field, expected) => {
    expect(relaxHeader(field)).toBe(expected);
  });
});

describe("signature", () => {
  it("signs every field but the transfer encoding, From twice", async () => {
    const wire = await sign({ a: "Ann" }, { html: "<p>x</p>" });
    expect((await verdictOn(wire)).result).toBe("pass");
    expect(wire.slice(0, wire.indexOf("bh=")).replace(/\r\n /g, "")).toContain(
      ";h=From:From:To:Subject:Date:Message-ID:Reply-To:List-Unsubscribe:List-Unsubscribe-Post:X-Note:MIME-Version:Content-Type;",
    );
  });

  it("is verified, whatever the values and the parts", async () => {
    const parts = fc.constantFrom(
      { html: "<p>{{ recipient.a }}</p>\n\n", text: "{{ recipient.a }}" },
      { html: "{{ recipient.a }}{{ recipient.b }}" },
      { text: "{{ recipient.a }}\n\n\n" },
      { text: " \n{{ recipient.a }}  {{ recipient.b }} " },
    );
    await fc.assert(
      fc.asyncProperty(value, value, parts, async (a, b, body) => {
        expect(await verdictOn(await sign({ a, b }, body))).toMatchObject({ result: "pass" });
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ["the body", (wire: string) => wire.replace("<p>", "<b>"), "neutral"],
    ["the subject", (wire: string) => wire.replace("Hi Ann", "Hi Bob"), "fail"],
    ["a second From", (wire: string) => wire.replace("\r\nTo:", "\r\nFrom: x@evil.example\r\nTo:"), "fail"],
  ])("notices a change of %s", async (_, change, expected) => {
    const wire = await sign({ a: "Ann" }, { html: "<p>x</p>" });
    expect((await verdictOn(change(wire))).result).toBe(expected);
  });

  it("gives the same bytes every time, on lines of at most 78", async () => {
    const wire = await sign({ a: "Ann" }, { text: "x" });
    expect(await sign({ a: "Ann" }, { text: "x" })).toBe(wire);
    const field = wire.slice(0, wire.indexOf("\r\nFrom:"));
    for (const line of field.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
  });
});
