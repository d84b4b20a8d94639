/** What DNS should say about a sending domain, given how this installation sends; and how a check words what it found. */
import type { DnsCheck } from "../../contract/index.ts";
import type { KeyRow } from "./store.ts";

export type SendingWay =
  /** Nothing leaves the machine. */
  | { readonly kind: "sandbox" }
  | { readonly kind: "relay"; readonly host: string }
  /** `addresses`: the public ones of this machine; empty when they are not known here. */
  | { readonly kind: "direct"; readonly addresses: readonly string[] };

/** Of the installation, the same for all domains. */
export type SendingFacts = {
  readonly way: SendingWay;
  /** Public name of this server, as it introduces itself (EHLO). */
  readonly host: string;
  /** Base of the links in messages. */
  readonly publicUrl: string;
};

export type ExpectedKey = Pick<KeyRow, "domain" | "selector" | "algorithm" | "public_key" | "bits">;

export type DomainExpectation = SendingFacts & {
  /** Of the sender address. */
  readonly domain: string;
  /** That sign its mail. */
  readonly keys: readonly ExpectedKey[];
  /** Domain of the return path (RFC 5321 §4.4): where bounces go, and what SPF is asked about. */
  readonly returnPath: string;
  /** Domain whose mail this installation receives; null: none. */
  readonly bounceDomain: string | null;
};

export type Said = Pick<DnsCheck, "status" | "expected" | "found" | "detail">;

/** A record's text for people; hostile ones are long. */
export function quote(text: string): string {
  return `"${text.length > 600 ? `${text.slice(0, 600)}…` : text}"`;
}

/** While nothing leaves the machine, what only harms real mail is worth a warning. */
export function whenReal(way: SendingWay): "error" | "warning" {
  return way.kind === "sandbox" ? "warning" : "error";
}
