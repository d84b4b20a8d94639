/** Hosts that mail depends on: where bounces go, where links lead, where this installation receives mail. Pure. */
import ipaddr from "ipaddr.js";

import { type Answer, type MxRecord, sayMissing } from "./dns-answers.ts";
import { type DomainExpectation, type Said, type SendingWay, whenReal } from "./expectation.ts";

export type MailAnswers = {
  readonly mx: Answer<MxRecord>;
  /** Of the domain itself: counts when there is no MX (RFC 5321 §5.1). */
  readonly addresses: Answer<string>;
};

/** The domain of the return path must take mail: bounces come there, and receivers check it. */
export function checkReturnPath({ mx, addresses }: MailAnswers): Said {
  const expected = "an MX record, or at least an address";
  if (mx.kind === "failed") return { status: "unknown", expected, found: sayMissing(mx), detail: "Ask again later." };
  if (mx.kind === "records") {
    const hosts = hostsOf(mx.records);
    if (hosts.length > 0) return { status: "ok", expected, found: `MX ${hosts.join(", ")}`, detail: "It takes mail." };
    const detail =
      "It says that it takes no mail (null MX, RFC 7505), so bounces are lost and receivers refuse it as a sender: use another error address.";
    return { status: "error", expected, found: "MX .", detail };
  }
  if (addresses.kind === "records") {
    const detail = "It has no MX, so mail goes to its own address: check that a mail server listens there.";
    return { status: "warning", expected, found: addresses.records.join(", "), detail };
  }
  if (addresses.kind === "failed") {
    return { status: "unknown", expected, found: sayMissing(addresses), detail: "Ask again later." };
  }
  const detail =
    "It takes no mail, so bounces are lost and receivers refuse it as a sender: publish an MX record, or use another error address.";
  return { status: "error", expected, found: sayMissing(addresses), detail };
}

/** `answer` is null for a host that is an address. */
export function checkTrackingHost(
  publicUrl: string,
  way: SendingWay,
  answers: { readonly addresses: Answer<string>; readonly cname: Answer<string> } | null,
): Said {
  const { protocol, hostname } = new URL(publicUrl);
  const expected = "a public name that resolves, over https";
  const harm = whenReal(way);
  if (answers === null) {
    const detail = "Links in messages lead to a bare address: set ENVOI_PUBLIC_URL to https and a name of this server.";
    return { status: harm, expected, found: hostname, detail };
  }
  const { addresses, cname } = answers;
  if (addresses.kind === "failed") {
    return { status: "unknown", expected, found: sayMissing(addresses), detail: "Ask again later." };
  }
  if (addresses.kind !== "records") {
    const detail = `Links in messages lead nowhere: publish an address of ${hostname}, or set ENVOI_PUBLIC_URL.`;
    return { status: harm, expected, found: sayMissing(addresses), detail };
  }
  const alias = cname.kind === "records" ? `CNAME ${cname.records.join(", ")}, ` : "";
  const found = `${alias}${addresses.records.join(", ")}`;
  if (!addresses.records.some(isPublicAddress)) {
    const detail = "Recipients cannot reach this address: set ENVOI_PUBLIC_URL to a public name of this server.";
    return { status: harm, expected, found, detail };
  }
  if (protocol !== "https:") {
    const detail =
      "Links are not encrypted, and one-click unsubscribing needs https (RFC 8058 §3.1): set ENVOI_PUBLIC_URL to an https address.";
    return { status: harm, expected, found: `${found}, over http`, detail };
  }
  return { status: "ok", expected, found, detail: "Links lead to it." };
}

/** One that everybody can reach. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

export type BounceAnswers = MailAnswers & {
  /** Of each MX host. */
  readonly hosts: ReadonlyMap<string, Answer<string>>;
};

/** Null answers: there is no bounce domain. */
export function checkBounceMx(expectation: DomainExpectation, answers: BounceAnswers | null): Said {
  const { host, way, bounceDomain } = expectation;
  if (answers === null) {
    const expected = "a domain whose mail comes to this server";
    const detail =
      "Bounces that come as mail go to the mailbox of the error address and are not read here: set a bounce domain in the settings and point its MX to this server.";
    return { status: "warning", expected, found: "no bounce domain is set", detail };
  }
  const expected = `MX 10 ${host}`;
  const { mx, addresses } = answers;
  const silent = mx.kind === "failed" ? mx : mx.kind !== "records" && addresses.kind === "failed" ? addresses : null;
  if (silent) return { status: "unknown", expected, found: sayMissing(silent), detail: "Ask again later." };
  const hosts = mx.kind === "records" ? hostsOf(mx.records) : addresses.kind === "records" ? [bounceDomain ?? ""] : [];
  if (hosts.length === 0) {
    const found = mx.kind === "records" ? "MX ." : sayMissing(mx);
    return { status: "error", expected, found, detail: "It takes no mail: publish the MX record." };
  }
  const found = mx.kind === "records" ? `MX ${hosts.join(", ")}` : `no MX; the domain itself has an address`;
  if (hosts.includes(host)) return { status: "ok", expected, found, detail: "Its mail comes to this server." };
  const resolved = hosts.map((name) => answers.hosts.get(name));
  const ours = way.kind === "direct" ? way.addresses : [];
  if (resolved.some((answer) => answer?.kind === "records" && answer.records.some((each) => ours.includes(each)))) {
    return { status: "ok", expected, found, detail: "Its mail comes to an address of this server." };
  }
  const detail = `Its mail goes to ${hosts.join(", ")}. If that is not this server (${host}), bounces do not arrive here: point the MX to it, or forward the mail.`;
  return { status: "warning", expected, found, detail };
}

/** Best first. */
function hostsOf(records: readonly MxRecord[]): string[] {
  const sorted = records.toSorted((a, b) => a.preference - b.preference);
  return sorted.map((record) => record.host).filter((host) => host !== "");
}
