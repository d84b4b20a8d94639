/** Alerts in words, for mails, the API and screens. */
import type { AlertKind } from "../../core/alert/alert-kinds.ts";

type Detail = Readonly<Record<string, unknown>>;
/** A value of the detail as text; empty where there is none. */
type Get = (name: string) => string;

const because = (get: Get, name: string) => (get(name) === "" ? "" : `: ${get(name)}`);
const named = (get: Get) => `elivery ${get("deliveryId")} "${get("label")}"`;
const share = (get: Get) => `${get("percent")} % of ${get("of")} messages`;

const SENTENCES: Readonly<Record<AlertKind, (get: Get) => string>> = {
  "delivery-held": (get) => `D${named(get)} paused by itself${because(get, "reason")}`,
  "analysis-failed": (get) => `The analysis of d${named(get)} failed${because(get, "reason")}`,
  "start-missed": (get) => `D${named(get)} did not begin at its date: it was too late when it could have`,
  "run-missed": (get) => `The series "${get("label")}" has no delivery of ${get("at")}${because(get, "reason")}`,
  "start-late": (get) => `D${named(get)} should have begun and has not`,
  "hard-bounces": (get) => `D${named(get)}: ${share(get)} looked at bounced hard`,
  "soft-bounces": (get) => `D${named(get)}: ${share(get)} looked at met soft errors`,
  "low-success": (get) => `D${named(get)}: only ${share(get)} arrived`,
  complaints: (get) => `D${named(get)}: ${get("count")} recipients called it spam, ${get("percent")} % of ${get("of")}`,
  slow: (get) => `D${named(get)} is slow: ${get("done")} of ${get("of")} messages, ${get("perHour")} an hour`,
  running: (get) => `D${named(get)} is in progress`,
  "quarantine-growth": (get) => `${get("count")} addresses went into quarantine within a day`,
  "quarantine-held": (get) => {
    const of = get("provider") === "" ? "" : ` of ${get("provider")}`;
    return `${get("count")} unknown users${of} wait for a decision`;
  },
  "lane-suspended": (get) => `${get("what")} is suspended since ${get("since")}${because(get, "evidence")}`,
  "shaping-rule": (get) => `Shaping rule ${get("rule")} at ${get("provider")}${because(get, "evidence")}`,
  "senders-silent": (get) => `No sender runs, and messages of ${get("deliveries")} deliveries are due`,
  archive: (get) => get("message"),
  "mailbox-failing": (get) =>
    `The mailbox "${get("name")}" cannot be read, ${get("failures")} times in a row${because(get, "error")}`,
  "service-mail": (get) =>
    `The ${get("mail")} mail of the service "${get("name")}" goes out by the built-in text${because(get, "reason")}`,
  "webhook-failing": (get) =>
    `The webhook ${get("url")} takes nothing, ${get("failures")} times in a row${because(get, "error")}`,
  "webhook-disabled": (get) => `The webhook ${get("url")} was switched off${because(get, "error")}`,
  "retention-failed": (get) => `${get("failed")} steps of the last nightly retention failed`,
  "disk-low": (get) => `${get("gigabytes")} GB are left on the disk of the data directory`,
  "certificate-expiring": (get) => `The certificate of ${get("name")} is valid until ${get("validUntil")}`,
  "domain-dns": (get) => `DNS of ${get("domain")}, ${get("check")}${because(get, "detail")}`,
};

export function describeAlert(kind: AlertKind, detail: Detail): string {
  return SENTENCES[kind]((name) => {
    const value = detail[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  });
}
