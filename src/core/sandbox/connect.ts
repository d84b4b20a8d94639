/**
 * What happens before the first command: greeting, refusal, silence. Only a listener of its own can tell, since no address is
 * known yet: each provider has one, and so has each domain of `CONNECT_DOMAINS`.
 */
import { type Duration, SECOND } from "../time.ts";
import { pick } from "./hash.ts";
import type { WireReply } from "./plan.ts";
import { fillReply, type Provider } from "./provider.ts";

export type ConnectPlan =
  | { readonly kind: "greet"; readonly wait: Duration }
  | { readonly kind: "refuse"; readonly reply: WireReply }
  | { readonly kind: "drop" }
  | { readonly kind: "garbage" }
  /** The connection stays open and nothing is ever said. */
  | { readonly kind: "silent" };

const refuse = (code: number, line: string): ConnectPlan => ({ kind: "refuse", reply: { code, lines: [line] } });

/** Domains whose listener answers every connection alike. */
export const CONNECT_DOMAINS: Readonly<Record<string, ConnectPlan>> = {
  "connect-421.test": refuse(421, "4.3.2 Service not available, closing transmission channel"),
  "connect-450.test": refuse(450, "4.7.1 Try again later"),
  "connect-554.test": refuse(554, "5.7.1 No SMTP service here for your address"),
  "connect-drop.test": { kind: "drop" },
  "connect-garbage.test": { kind: "garbage" },
  "connect-silent.test": { kind: "silent" },
  "connect-slow.test": { kind: "greet", wait: 3 * SECOND },
};

export function connectPlanOf(domain: string): ConnectPlan | null {
  return Object.hasOwn(CONNECT_DOMAINS, domain) ? (CONNECT_DOMAINS[domain] ?? null) : null;
}

/** The n-th connection to a provider's own listener. */
export function connectPlanFor(provider: Provider, n: number): ConnectPlan {
  const refused = provider.refusedConnections;
  const about = `connection ${n}`;
  if (refused && pick(`${provider.name} ${about}`, 10_000) < refused.share) {
    return { kind: "refuse", reply: fillReply(refused.reply, provider, about) };
  }
  return { kind: "greet", wait: 0 };
}
