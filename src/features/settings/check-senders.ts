/** What a schema cannot say about the platform's senders and the masks of their addresses. */
import type { PlatformSettings } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { isPersonalised, outsideMasks } from "../../core/delivery/sender.ts";
import { parseTemplate } from "../../core/template/parse-template.ts";
import { readPattern } from "./read-pattern.ts";

type Senders = Pick<PlatformSettings, "sender" | "senderMasks" | "errorAddress">;
type Fail = (pointer: string, code: string, message: string) => void;

/** As they are kept: without blanks around them, domains of masks in ASCII where they are whole. */
export function checkSenders<S extends Senders>(given: S, fail: Fail): S {
  const { name, address, replyToName, replyTo } = given.sender;
  const sender = {
    name: checkName(name, "/sender/name", fail),
    address: checkSenderAddress(address, "/sender/address", fail),
    replyToName: checkName(replyToName, "/sender/replyToName", fail),
    replyTo: checkSenderAddress(replyTo, "/sender/replyTo", fail),
  };
  const senderMasks = {
    address: checkMasks(given.senderMasks.address, "/senderMasks/address", fail),
    errorAddress: checkMasks(given.senderMasks.errorAddress, "/senderMasks/errorAddress", fail),
  };
  const ownOnly = { address: sender.address, errorAddress: given.errorAddress };
  for (const { field, address: outside } of outsideMasks(ownOnly, senderMasks)) {
    const pointer = field === "address" || given.errorAddress.trim() === "" ? "/sender/address" : "/errorAddress";
    fail(pointer, "outside-masks", `${outside} is none of the addresses that the masks allow`);
  }
  return { ...given, sender, senderMasks };
}

function checkName(text: string, pointer: string, fail: Fail): string {
  const name = text.trim();
  if (/\p{Cc}/u.test(name)) fail(pointer, "control-character", "A name has no line breaks or control characters");
  return readLiquid(name, pointer, fail);
}

function checkSenderAddress(text: string, pointer: string, fail: Fail): string {
  if (isPersonalised(text)) return readLiquid(text.trim(), pointer, fail);
  const result = parseAddress(text);
  if (result.kind === "empty") return "";
  if (result.kind === "valid") return result.address;
  fail(pointer, "invalid-address", `The address ${result.reason}`);
  return text;
}

/** What is personalised is another for each message; the analysis looks at what comes out. */
export function readLiquid(source: string, pointer: string, fail: Fail): string {
  const parsed = parseTemplate(source, { kind: "header" });
  if (parsed.kind === "errors") {
    for (const { column, message } of parsed.errors) fail(pointer, "template", `column ${column}: ${message}`);
  }
  return source;
}

const NO_MASK = /[\s,;<>"\p{Cc}]/u;

function checkMasks(masks: readonly string[], pointer: string, fail: Fail): string[] {
  const kept = masks.map((text, index) => {
    const mask = text.trim();
    const at = mask.lastIndexOf("@");
    if (at <= 0 || at === mask.length - 1 || NO_MASK.test(mask)) {
      fail(`${pointer}/${index}`, "invalid-mask", `"${mask}" is no mask of addresses like *@example.org`);
      return mask;
    }
    // A domain with wildcards elsewhere has no form in ASCII.
    const domain = readPattern(mask.slice(at + 1));
    return domain.kind === "valid" ? `${mask.slice(0, at)}@${domain.ascii}` : mask;
  });
  return [...new Set(kept)];
}
