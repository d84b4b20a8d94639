/** What a schema cannot say about settings: addresses, domains and how the two fit together. */
import type { PlatformSettings, RetentionSettings } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { toAsciiDomain } from "../../core/address/to-ascii-domain.ts";
import { DAY, parseDuration } from "../../core/time.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { parseNetwork } from "../../platform/network.ts";
import { checkSenders, readLiquid } from "./check-senders.ts";
import { readPattern } from "./read-pattern.ts";

/** RFC 5321 §4.5.3.1.1 leaves 64 octets; `+` and a tag of 32 characters are put behind the local part. */
const MAX_TAGGED_LOCAL = 31;
const MAX_VALIDITY_CAP = 30 * DAY;
const ADDRESSES = [
  "errorAddress",
  "unqualifiedAddress",
  "forwardAddress",
  "feedbackAddress",
  "unsubscribeAddress",
] as const;
/** Only people read what comes there. */
const OTHERS = ["unqualifiedAddress", "forwardAddress"] as const;
const MAX_INBOUND_RETENTION = 180 * DAY;

/** Of IPv4 and IPv6: what is wider than this is no reader of an archive but everybody. */
const WIDEST = { ipv4: 8, ipv6: 16 } as const;
/** What all browsers say of themselves. */
const EVERYBODY = [
  "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/120.0.0.0 safari/537.36 edg/120.0.0.0",
  "mozilla/5.0 (macintosh; intel mac os x 10.15; rv:140.0) gecko/20100101 firefox/140.0",
  "mozilla/5.0 (iphone; cpu iphone os 18_5 like mac os x) applewebkit/605.1.15 (khtml, like gecko) version/18.5 mobile/15e148 safari/604.1",
  "mozilla/5.0 (linux; android 10; k) applewebkit/537.36 (khtml, like gecko) chrome/120.0.0.0 mobile safari/537.36",
];

/**
 * The settings as they are kept: addresses without blanks around them, domains in lower case ASCII. Throws `invalid-input`.
 * `others` is what speaks against them from outside: archives that mail would come back from.
 */
export function checkSettings(
  given: PlatformSettings,
  others: (settings: PlatformSettings) => readonly FieldError[] = () => [],
): PlatformSettings {
  const errors: FieldError[] = [];
  const fail = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message });
  if (/\p{Cc}/u.test(given.organisation)) {
    fail("/organisation", "control-character", "A name has no line breaks or control characters");
  }
  const domain = (pattern: string, pointer: string): string => {
    const result = readPattern(pattern);
    if (result.kind === "invalid") fail(pointer, "invalid-domain", `"${pattern}" ${result.reason}`);
    return result.kind === "valid" ? result.ascii : pattern;
  };
  if ((parseDuration(given.validityCap) ?? 0) > MAX_VALIDITY_CAP) {
    fail("/validityCap", "too-big", "Attempts may go on for 30d at most");
  }
  if ((parseDuration(given.inboundRetention) ?? 0) > MAX_INBOUND_RETENTION) {
    fail("/inboundRetention", "too-big", "Mail that came in is kept for 180d at most");
  } else if (periodOf(given.inboundRetention) > periodOf(given.retention.inboundMails)) {
    fail(
      "/inboundRetention",
      "too-big",
      `Mails are not kept longer than what they were: ${given.retention.inboundMails}`,
    );
  }
  checkRetention(given.retention, fail);
  const bounceDomain = given.bounceDomain.trim();
  const settings = {
    ...given,
    organisation: given.organisation.trim(),
    bounceDomain: bounceDomain === "" ? "" : plainDomain(bounceDomain, fail),
    formatRules: given.formatRules.map((rule, i) => ({
      ...rule,
      domains: rule.domains.map((pattern, j) => domain(pattern.trim(), `/formatRules/${i}/domains/${j}`)),
    })),
    archive: { ...given.archive, readers: checkReaders(given.archive.readers, fail) },
  };
  for (const field of ADDRESSES) settings[field] = checkAddress(field, settings, fail);
  const whole = checkSenders(settings, fail);
  errors.push(...others(whole));
  const [first] = errors;
  if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
  return whole;
}

/** Bounces, complaints and the undoing of requalifications come weeks later. */
const LEAST_LOG = 30 * DAY;
const LONGEST = 3650 * DAY;

function checkRetention(retention: RetentionSettings, fail: Fail): void {
  for (const [name, period] of Object.entries(retention)) {
    const least = name === "deliveryLogs" ? LEAST_LOG : DAY;
    if (periodOf(period) < least) fail(`/retention/${name}`, "too-small", `Is kept for ${least / DAY}d at least`);
    else if (periodOf(period) > LONGEST) fail(`/retention/${name}`, "too-big", "Is kept for 3650d at most");
  }
  if (periodOf(retention.trackingLogs) < periodOf(retention.deliveryLogs)) {
    fail("/retention/trackingLogs", "too-small", `Is kept as long as the log: ${retention.deliveryLogs} or longer`);
  }
}

function periodOf(text: string): number {
  return parseDuration(text) ?? 0;
}

type Fail = (pointer: string, code: string, message: string) => void;

function plainDomain(text: string, fail: Fail): string {
  const result = toAsciiDomain(text);
  if (result.kind === "valid") return result.ascii;
  fail("/bounceDomain", "invalid-domain", `"${text}" ${result.reason}`);
  return text;
}

function checkAddress(field: (typeof ADDRESSES)[number], settings: PlatformSettings, fail: Fail): string {
  const pointer = `/${field}`;
  if (field === "errorAddress" && /\{[{%]/.test(settings[field]))
    return readLiquid(settings[field].trim(), pointer, fail);
  const result = parseAddress(settings[field]);
  if (result.kind === "empty") return "";
  if (result.kind === "invalid") {
    fail(pointer, "invalid-address", `The address ${result.reason}`);
    return settings[field];
  }
  if (isOfOthers(field)) {
    // What is forwarded would come back and be forwarded again.
    if (field === "forwardAddress" && result.domain === settings.bounceDomain) {
      fail(pointer, "loop", `${result.domain} is the bounce domain: copies would come back to Envoi`);
    }
  } else {
    const local = result.address.slice(0, result.address.lastIndexOf("@"));
    if (result.needsSmtpUtf8 || local.startsWith('"')) {
      fail(
        pointer,
        "invalid-address",
        "Before the @ this address needs ASCII letters without quotes: every server must take it",
      );
    } else if (takesTag(field, result.domain, settings) && local.length > MAX_TAGGED_LOCAL) {
      fail(
        pointer,
        "too-big",
        `Before the @ there must be room for the message's tag: at most ${MAX_TAGGED_LOCAL} characters`,
      );
    }
  }
  return result.address;
}

function isOfOthers(field: (typeof ADDRESSES)[number]): boolean {
  return OTHERS.some((other) => other === field);
}

/** Who is taken for the archive is in no figure: a rule that fits everybody would empty them all. */
function checkReaders(readers: PlatformSettings["archive"]["readers"], fail: Fail) {
  const networks = readers.networks.map((text) => text.trim());
  for (const [i, text] of networks.entries()) {
    const pointer = `/archive/readers/networks/${i}`;
    const network = parseNetwork(text);
    if (network === null) {
      fail(pointer, "invalid-network", `"${text}" is no address, and no network with its first address: 10.0.0.0/8`);
    } else if (network.bits < WIDEST[network.first.kind()]) {
      fail(pointer, "too-wide", `${text} is too wide: everybody would be taken for the archive`);
    }
  }
  const userAgents = readers.userAgents.map((text) => text.trim());
  for (const [i, text] of userAgents.entries()) {
    const pointer = `/archive/readers/userAgents/${i}`;
    if (text.length < 3) fail(pointer, "too-short", "A part of a user agent has at least 3 characters");
    else if (EVERYBODY.some((agent) => agent.includes(text.toLowerCase()))) {
      fail(pointer, "too-wide", `Browsers say "${text}" too: everybody would be taken for the archive`);
    }
  }
  return { networks: [...new Set(networks)], userAgents: [...new Set(userAgents)] };
}

/** Whether messages write their tag into the address: always for unsubscribing, for bounces where Envoi reads the mail. */
function takesTag(field: string, domain: string, settings: PlatformSettings): boolean {
  return field === "unsubscribeAddress" || domain === settings.bounceDomain;
}
