/**
 * One single message, made ready for the log: all that could keep it from leaving for reasons of its own is said now, before it is
 * accepted. It is rendered once for that; what it is sent as is rendered again.
 */
import { createHash } from "node:crypto";

import { parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import { validityFrom } from "../../core/delivery/validity.ts";
import { composeMessage, renderParts } from "../../core/message/compose-message.ts";
import type { MessageFacts } from "../../core/message/message-facts.ts";
import { DAY, parseDuration, readInstant, type Instant } from "../../core/time.ts";
import type { NewMessage } from "../../contract/index.ts";
import type { FieldError } from "../../platform/errors.ts";
import { refuse, refuseField } from "../deliveries/index.ts";
import { type KnownContent, pointerOf } from "./read-content.ts";
import type { ChosenWording } from "./choose-wording.ts";

export type PreparedMessage = ChosenWording & {
  readonly content: KnownContent;
  readonly address: ValidAddress;
  readonly values: Readonly<Record<string, unknown>>;
  readonly subject: string;
  readonly sendAt: Instant | null;
  /** Its date. */
  readonly at: Instant;
  readonly until: Instant;
  readonly externalId: string | null;
  /** Two requests with the same one ask for the same message. */
  readonly fingerprint: Buffer;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
};

const MOST_AHEAD = 90 * DAY;
/** Characters of the values as JSON. */
const MOST_DATA = 256_000;
/** Values that pages about a message read, whatever its content shows. */
const ALWAYS = ["language", "lang"];

/** Throws `invalid-input` with all that is wrong. */
export function prepareMessage(
  input: NewMessage,
  wording: ChosenWording,
  content: KnownContent,
  now: Instant,
): PreparedMessage {
  const times = readTimes(input, content, now);
  const address = parseAddress(input.to);
  refuse([...times.errors, ...dataErrors(input.data)]);
  if (address.kind !== "valid") {
    const message = address.kind === "empty" ? "An address is needed" : `The address ${address.reason}`;
    refuseField("/to", "invalid-address", message);
  }
  const values = usedValues(input.data, content);
  return {
    ...wording,
    content,
    address,
    values,
    subject: render(content, values, address.address, times.at),
    sendAt: times.sendAt,
    at: times.at,
    until: times.until,
    externalId: input.externalId ?? null,
    fingerprint: createHash("sha256").update(JSON.stringify(input)).digest(),
    tags: input.tags,
    metadata: input.metadata,
  };
}

function readTimes({ sendAt, expiresAt }: NewMessage, { settings, platform }: KnownContent, now: Instant) {
  const errors: FieldError[] = [];
  const fail = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message });
  const wanted = sendAt === undefined ? null : Date.parse(sendAt);
  const at = Math.max(now, wanted ?? now);
  if (at > now + MOST_AHEAD) fail("/sendAt", "too-late", "A message waits 90 days at most");
  const cap = parseDuration(platform.validityCap) ?? Number.POSITIVE_INFINITY;
  const until = expiresAt === undefined ? null : Date.parse(expiresAt);
  if (until !== null && until <= at) fail("/expiresAt", "in-the-past", "It would expire before it could leave");
  const period = parseDuration(settings.validity) ?? cap;
  const validity = validityFrom({ period, until: readInstant(settings.validUntil ?? "") }, cap, at);
  if (validity <= 0) fail("/settings/validUntil", "in-the-past", "It would expire before it could leave");
  const longest = at + validity;
  return {
    errors,
    sendAt: wanted !== null && wanted > now ? wanted : null,
    at,
    until: Math.min(until ?? longest, at + cap),
  };
}

function dataErrors(data: NewMessage["data"]): FieldError[] {
  const length = JSON.stringify(data).length;
  if (length <= MOST_DATA) return [];
  const message = `The values are ${length} characters of JSON; ${MOST_DATA} are the most`;
  return [{ pointer: "/data", code: "too-large", message }];
}

/** No more is kept than what the message shows. */
function usedValues(data: NewMessage["data"], { compiled }: KnownContent): Record<string, unknown> {
  const names = [...compiled.attributes.map(({ name }) => name), ...compiled.optionalAttributes, ...ALWAYS];
  const values: Record<string, unknown> = {};
  for (const name of names) if (name !== "email" && Object.hasOwn(data, name)) values[name] = data[name];
  return values;
}

const URLS: MessageFacts["urls"] = {
  click: (_, url) => url ?? "https://link.invalid/",
  open: () => "https://link.invalid/",
  mirror: () => "https://link.invalid/",
  unsubscribe: () => "https://link.invalid/",
  tag: () => "0",
  unsubscribeTag: () => "0",
};

/** Its subject. */
function render({ compiled }: KnownContent, values: Record<string, unknown>, recipient: string, at: Instant): string {
  const missing = new Set<string>();
  const facts: MessageFacts = { key: "0-0", deliveryId: "0", deliveryLabel: "", at, recipient, urls: URLS };
  const vars = { ...values, email: recipient };
  const composed = composeMessage(compiled, vars, facts, missing);
  if (composed.kind === "error") refuseField(pointerOf(composed.part), composed.code, composed.message);
  refuse([...missing].map((path) => missingValue(path)));
  if (compiled.subject.fixed !== null) return compiled.subject.fixed;
  const parts = renderParts(compiled, vars, facts);
  return parts.kind === "error" ? "" : parts.subject;
}

function missingValue(path: string): FieldError {
  const name = path.replace(/^recipient\./, "");
  const message = `The content shows ${path}, and there is no such value; a default in the content would make it optional`;
  return { pointer: `/data/${name.replaceAll(".", "/")}`, code: "missing-value", message };
}
