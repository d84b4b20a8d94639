import { createPrivateKey, generateKeyPairSync } from "node:crypto";

import fc from "fast-check";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { describe, expect, it } from "vitest";

import { canonicalBody } from "../../../test/golden/canonical-body.ts";
import { RFC_8463 } from "../../../test/golden/rfc-8463.ts";
import { compileSample, composeSample, FACTS } from "../../../test/golden/sample-message.ts";
import { readSigningKey, sha256Base64, sign } from "../../adapters/crypto/crypto.ts";
import type { ContentSource } from "../message/compile-content.ts";
import { relaxHeader } from "./relaxed-header.ts";
import { type Canonicalization, finishSignature, prepareSigning, type SigningAlgorithm } from "./signature.ts";

const FORMS = ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"] as const;

function keyOf(pem: string) {
  const read = readSigningKey(pem);
  if (read.kind !== "key") throw new Error(read.detail);
  return read;
}

const pemOf = (pair: { readonly privateKey: ReturnType<typeof createPrivateKey> }) =>
  pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const KEYS = {
  "rsa-sha256": keyOf(pemOf(generateKeyPairSync("rsa", { modulusLength: 2048 }))),
  "ed25519-sha256": keyOf(pemOf(generateKeyPairSync("ed25519"))),
};

async function resolver(name: string): Promise<string[][]> {
  const algorithm = name.startsWith("rsa-") ? "rsa-sha256" : "ed25519-sha256";
  return [[`v=DKIM1; k=${algorithm.split("-")[0]}; p=${KEYS[algorithm].publicKey}`]];
}

/** A message with a signature of each algorithm. */
async function signed(
  vars: Record<string, unknown>,
  parts: Partial<ContentSource>,
  canonicalization: Canonicalization = "relaxed/relaxed",
): Promise<string> {
  const content = compileSample({
    subject: "Hi {{ recipient.a }}",
    ...parts,
    fromName: "{{ recipient.a }} Shop",
    replyTo: "reply@example.com",
    listUnsubscribe: { header: true, mailbox: "u@example.com" },
    headers: [
      { name: "X-Note", value: "{{ recipient.a }}" },
      { name: "X-Long", value: `a ${"b".repeat(90)} c` },
    ],
  });
  const made = composeSample(content, vars, { recipient: "jörg@example.net" });
  let fields = "";
  for (const algorithm of ["rsa-sha256", "ed25519-sha256"] as const) {
    const identity = { domain: "example.com", selector: algorithm, algorithm, canonicalization };
    const input = prepareSigning(identity, made.headers, sha256Base64(made.body), FACTS.at);
    fields += finishSignature(input, await sign(algorithm, KEYS[algorithm].key, input.data)).text;
  }
  return fields + made.wire;
}

async function verdictOn(wire: string): Promise<string> {
  const { results } = await dkimVerify(Buffer.from(wire, "latin1"), { resolver, curTime: new Date(FACTS.at + 1000) });
  return results.map((result) => result.status.result).join(" ");
}

const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "  ", "a\r\nBcc: x@y.example", ".", "é".repeat(90), "b= h=From; a  b"),
);

describe("canonical forms", () => {
  it.each([
    ["A: X\r\n", "a:X"],
    ["B : Y\t\r\n\tZ  \r\n", "b:Y Z"],
    ["Subject:\r\n", "subject:"],
    ["X: a:b\r\n", "x:a:b"],
  ])("%j relaxed is %j (RFC 6376 §3.4.5)", (field, expected) => {
    expect(relaxHeader(field)).toBe(expected);
  });

  // The form that composed bodies are held against, by the examples of RFC 6376 §3.4.3 to §3.4.6.
  it.each([
    ["relaxed", " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"],
    ["simple", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n"],
    ["simple", "", "\r\n"],
    ["relaxed", "", ""],
    ["relaxed", "\r\n\r\n", ""],
    ["relaxed", " \t\r\n", ""],
    ["simple", "a", "a\r\n"],
    ["relaxed", "a", "a\r\n"],
  ] as const)("%s body of %j is %j", (form, body, expected) => {
    expect(canonicalBody(form, body)).toBe(expected);
  });

  it.each([
    ["simple", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="],
    ["relaxed", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  ] as const)("%s body of nothing hashes to %s (RFC 6376 §3.4.3, §3.4.4)", (form, expected) => {
    expect(sha256Base64(canonicalBody(form, ""))).toBe(expected);
  });

  it("is never empty, so no body hash is that of nothing", () => {
    for (const source of [{ text: "{{ recipient.none }}" }, { html: "{% if recipient.a %}привет{% endif %}" }]) {
      const { body } = composeSample(compileSample(source));
      expect(canonicalBody("relaxed", body)).toBe(body);
      expect(body).not.toBe("");
    }
  });
});

describe("RFC 8463 appendix A", () => {
  it("has this body hash", () => {
    expect(sha256Base64(canonicalBody("relaxed", RFC_8463.body))).toBe(RFC_8463.bodyHash);
  });

  it.each(RFC_8463.signatures)(
    "is signed with $algorithm as the RFC has it",
    async ({ algorithm, field, signature }) => {
      const pem = { "ed25519-sha256": RFC_8463.ed25519PrivateKey, "rsa-sha256": RFC_8463.rsaPrivateKey }[algorithm];
      let data = "";
      for (const header of RFC_8463.headers) data += `${relaxHeader(header)}\r\n`;
      expect(await sign(algorithm, keyOf(pem).key, data + relaxHeader(field))).toBe(signature);
    },
  );

  it.each([
    [RFC_8463.ed25519PrivateKey, RFC_8463.ed25519Public],
    [RFC_8463.rsaPrivateKey, RFC_8463.rsaPublic],
  ])("has these public keys in DNS", (pem, expected) => {
    expect(keyOf(pem).publicKey).toBe(expected);
  });
});

describe("signature", () => {
  it("signs every field but the transfer encoding, and those that readers act on once more", async () => {
    const wire = await signed({ a: "Ann" }, { html: "<p>x</p>" });
    expect(await verdictOn(wire)).toBe("pass pass");
    expect(wire.slice(0, wire.indexOf("bh=")).replace(/\r\n /g, "")).toContain(
      ";h=From:To:Subject:Date:Message-ID:Reply-To:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID:Precedence:X-Note:X-Long:" +
        "MIME-Version:Content-Type:" +
        "From:To:Cc:Reply-To:Subject:Date:Message-ID:MIME-Version:Content-Type:List-Unsubscribe:List-Unsubscribe-Post;",
    );
  });

  it.each(FORMS)("is verified whatever the values and the parts: %s", async (canonicalization) => {
    const parts = fc.constantFrom<Partial<ContentSource>>(
      { html: "<p>{{ recipient.a }}</p>\n\n", text: "{{ recipient.a }}" },
      { html: "{{ recipient.a }}{{ recipient.b }}" },
      { text: "{{ recipient.a }}\n\n\n" },
      { text: " \n{{ recipient.a }}  {{ recipient.b }} " },
      { text: "Привет {{ recipient.a }}\n\n" },
      { text: "7bit\n" },
      {
        html: "{{ recipient.a }}",
        charset: "iso-2022-jp",
        attachments: [
          { fileId: 1, name: "{{ recipient.a }}.png", contentType: "image/png", contentId: "a", size: 1 },
          { fileId: 2, name: "{{ recipient.b }}.pdf", contentType: "application/pdf", contentId: null, size: 1 },
        ],
      },
    );
    await fc.assert(
      fc.asyncProperty(value, value, parts, async (a, b, body) => {
        expect(await verdictOn(await signed({ a, b }, body, canonicalization))).toBe("pass pass");
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["the body", (wire: string) => wire.replace("<p>", "<b>"), "neutral"],
    ["the subject", (wire: string) => wire.replace("Hi Ann", "Hi Bob"), "fail"],
    ["a second From", (wire: string) => wire.replace("\r\nTo:", "\r\nFrom: x@evil.example\r\nTo:"), "fail"],
    ["a second subject", (wire: string) => wire.replace("\r\nTo:", "\r\nSubject: x\r\nTo:"), "fail"],
    ["a Cc", (wire: string) => wire.replace("\r\nTo:", "\r\nCc: x@evil.example\r\nTo:"), "fail"],
    [
      "a second way out",
      (wire: string) => wire.replace("\r\nTo:", "\r\nList-Unsubscribe: <https://x.example>\r\nTo:"),
      "fail",
    ],
    [
      "another kind of content",
      (wire: string) => wire.replace("\r\nTo:", "\r\nContent-Type: text/plain\r\nTo:"),
      "fail",
    ],
  ])("notices a change of %s", async (_, change, expected) => {
    const wire = await signed({ a: "Ann" }, { html: "<p>x</p>" });
    expect(await verdictOn(change(wire))).toBe(`${expected} ${expected}`);
  });

  it("gives the same bytes every time, on lines of at most 78", async () => {
    const wire = await signed({ a: "Ann" }, { text: "x" });
    expect(await signed({ a: "Ann" }, { text: "x" })).toBe(wire);
    const fields = wire.slice(0, wire.indexOf("\r\nFrom:"));
    for (const line of fields.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
  });

  it("says when, to the second", () => {
    const identity = { domain: "d.example", selector: "s", canonicalization: "simple/simple" as const };
    const algorithm: SigningAlgorithm = "ed25519-sha256";
    const { unsigned } = prepareSigning({ ...identity, algorithm }, [], "bh", 1_700_000_000_999);
    expect(unsigned).toMatch(
      /^DKIM-Signature: v=1; a=ed25519-sha256; c=simple\/simple; d=d\.example;\r\n s=s; t=1700000000;\r\n/,
    );
  });
});
