/** A provider of the sandbox internet as a value, and its texts as replies. The providers themselves are in `providers.ts`. */
import { hashOf } from "./hash.ts";
import type { EnvelopeStage, Fate, Refusal, WireReply } from "./plan.ts";

/** `{address}`, `{id}` and `{mx}` are filled in. */
export type Text = { readonly code: number; readonly lines: readonly string[] };
export type StagedText = Text & { readonly stage: EnvelopeStage };

export type Provider = {
  readonly name: string;
  readonly domains: readonly string[];
  readonly mx: string;
  /** Whether EHLO announces ENHANCEDSTATUSCODES; texts carry the codes or not accordingly. */
  readonly enhanced: boolean;
  /** Messages one connection may carry, and the reply to the next; null: no limit. */
  readonly perConnection: { readonly messages: number; readonly reply: Text } | null;
  /** Messages per second that pass, after a first burst; null: no limit. */
  readonly rate: { readonly perSecond: number; readonly burst: number; readonly reply: Text } | null;
  /** Of 10,000 connections to the provider's own listener, how many are refused. */
  readonly refusedConnections: { readonly share: number; readonly reply: Text } | null;
  readonly texts: Readonly<Record<Refusal, StagedText>>;
  /** The fate of a number 0 … 9,999; null: accepted. */
  readonly mix: (n: number) => Fate | null;
};

export function say(code: number, ...lines: readonly string[]): Text {
  return { code, lines };
}

export function at(stage: EnvelopeStage, code: number, ...lines: readonly string[]): StagedText {
  return { stage, code, lines };
}

/** Shares of 10,000, in this order along the number line. */
export function mix(shares: Partial<Record<Fate, number>>): (n: number) => Fate | null {
  const steps: [number, Fate][] = [];
  let sum = 0;
  for (const [fate, share] of Object.entries(shares)) steps.push([(sum += share), fate as Fate]);
  return (n) => (n >= sum ? null : (steps.find(([end]) => n < end)?.[1] ?? null));
}

/** The reply with its places filled in; `about` is the address, or what else the reply is about. */
export function fillReply(text: Text, provider: Provider, about: string): WireReply {
  const values: Record<string, string> = { address: about, mx: provider.mx, id: hashOf(about).toString(36) };
  return {
    code: text.code,
    lines: text.lines.map((line) => line.replace(/\{(address|mx|id)\}/g, (_, key: string) => values[key] ?? "")),
  };
}
