/** Whether DNS publishes the public half of a key that signs (RFC 6376 §3.6, RFC 8463). Pure. */
import { readTags } from "../../core/dkim/tag-list.ts";
import type { Answer } from "./dns-answers.ts";
import { sayMissing } from "./dns-answers.ts";
import { type ExpectedKey, quote, type Said } from "./expectation.ts";
import { recordName, recordValue } from "./key-record.ts";

/** RFC 8301 §3.2 asks signers for no less. */
const GOOD_BITS = 2048;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export function checkDkim(key: ExpectedKey, answer: Answer<string>): Said {
  const expected = quote(recordValue(key));
  if (answer.kind === "failed")
    return { status: "unknown", expected, found: sayMissing(answer), detail: "Ask again later." };
  if (answer.kind !== "records") {
    const detail = `Publish the TXT record at ${recordName(key.selector, key.domain)}: until then no receiver can verify this key's signatures.`;
    return { status: "error", expected, found: sayMissing(answer), detail };
  }
  const found = answer.records.map(quote).join(", ");
  const [text = "", ...others] = answer.records;
  if (others.length > 0) {
    const detail =
      "Several TXT records at one name: receivers take any of them (RFC 6376 §3.6.2.2). Leave the expected one.";
    return { status: "error", expected, found, detail };
  }
  const trouble = compareRecord(key, text);
  if (trouble !== null) return { status: "error", expected, found, detail: trouble };
  return { expected, found, ...weigh(key, readTags(text)) };
}

/** Why receivers cannot verify with this record, or null. */
function compareRecord(key: ExpectedKey, text: string): string | null {
  const tags = readTags(text);
  if (tags === null)
    return "This is no list of tags (name=value, separated by semicolons): replace it by the expected record.";
  const [first] = tags.keys();
  if (tags.has("v") && (first !== "v" || tags.get("v") !== "DKIM1")) return "v=DKIM1 must come first.";
  const published = tags.get("p")?.replace(/\s+/g, "");
  if (published === undefined) return "The record has no key (p=).";
  if (published === "")
    return "The key is revoked (empty p=): receivers refuse its signatures. Publish it again, or retire it here and sign with a new one.";
  const type = (tags.get("k") ?? "rsa").toLowerCase();
  const expectedType = key.algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  if (type !== expectedType) return `The record is for keys of the type ${type}; this one is ${expectedType}.`;
  if (!BASE64.test(published)) return "p= is not base64: perhaps quotes or backslashes came into it.";
  if (published !== key.public_key) {
    const cut = key.public_key.startsWith(published);
    return cut
      ? `p= is cut off after ${published.length} of ${key.public_key.length} characters: TXT records hold at most 255 in one string, so split it into several.`
      : "p= is the public half of another key: receivers refuse the signatures.";
  }
  const hashes = tags
    .get("h")
    ?.toLowerCase()
    .split(":")
    .map((hash) => hash.trim());
  if (hashes && !hashes.includes("sha256")) return "h= does not allow sha256.";
  const services = tags
    .get("s")
    ?.split(":")
    .map((service) => service.trim());
  if (services && !services.includes("*") && !services.includes("email")) return "s= does not allow e-mail.";
  return null;
}

function weigh(key: ExpectedKey, tags: ReadonlyMap<string, string> | null): Pick<Said, "status" | "detail"> {
  const flags = tags
    ?.get("t")
    ?.toLowerCase()
    .split(":")
    .map((flag) => flag.trim());
  if (flags?.includes("y")) {
    return {
      status: "warning",
      detail: "t=y says that the domain only tests DKIM: receivers may ignore the signatures. Remove it.",
    };
  }
  if (key.bits !== null && key.bits < GOOD_BITS) {
    return {
      status: "warning",
      detail: `The key is published; with ${key.bits} bits it is short (RFC 8301 §3.2): make one of ${GOOD_BITS}.`,
    };
  }
  return { status: "ok", detail: "The key is published." };
}
