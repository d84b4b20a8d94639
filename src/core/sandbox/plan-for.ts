/**
 * The plan of an address, fixed by profile and address alone: the same address has the same plan on every attempt and in
 * every run. Which fate it gets is a hash of the address, never chance.
 */
import { formFor, takesForms } from "./forms.ts";
import { hashOf, pick } from "./hash.ts";
import { ALWAYS, type Fate, type Plan } from "./plan.ts";
import { fillReply, type Provider } from "./provider.ts";
import { providerOf } from "./providers.ts";
import { type NamedReplies, replyPlan } from "./reply-file.ts";

/** `accept` takes everything; `internet` has the mix of real providers. */
export type SandboxProfile = "accept" | "internet";

const ACCEPT: Plan = { kind: "accept" };
const BASIS = 10_000;
/** Of 10,000 who get a message. */
const AWAY = 12;
const WISHES = 2;
const NO_REPLIES: NamedReplies = new Map();

export function planFor(profile: SandboxProfile, address: string, replies: NamedReplies = NO_REPLIES): Plan {
  if (profile === "accept") return ACCEPT;
  const folded = address.toLowerCase();
  const at = folded.lastIndexOf("@");
  const domain = folded.slice(at + 1);
  const provider = providerOf(domain);
  if (takesForms(domain)) {
    const local = at < 0 ? folded : folded.slice(0, at);
    const form = formFor(local) ?? replyPlan(local, replies);
    if (form) return form.kind === "fate" ? planOfFate(form.fate, folded, provider) : form;
  }
  const fate = provider.mix(pick(folded, BASIS));
  return fate === null ? acceptedPlan(folded, provider) : planOfFate(fate, folded, provider);
}

/** Some of those who get the message are away, and very few write that they want no more. Not at `sandbox.test`: there addresses say so. */
function acceptedPlan(address: string, provider: Provider): Plan {
  const n = pick(`answers:${address}`, BASIS);
  if (n >= AWAY + WISHES || provider.name === "sandbox") return ACCEPT;
  const wait = (2 + (hashOf(`answer:${address}`) % 28)) * 1000;
  return { kind: "later", report: n < AWAY ? "vacation" : "wish", wait };
}

function planOfFate(fate: Fate, address: string, provider: Provider): Plan {
  const h = hashOf(`${fate}:${address}`);
  switch (fate) {
    case "greylist":
      return { kind: "greylist", wait: (10 + (h % 50)) * 1000 };
    case "slow":
      return { kind: "slow", stage: "dot", wait: 500 + (h % 1500) };
    case "drop":
      return { kind: "drop", stage: "data", times: 1 };
    case "bounce":
    case "complaint":
      return { kind: "later", report: fate, wait: (2 + (h % 28)) * 1000 };
    case "unknown":
    case "full":
    case "disabled":
    case "spam": {
      const text = provider.texts[fate];
      return { kind: "refuse", stage: text.stage, reply: fillReply(text, provider, address), times: ALWAYS };
    }
  }
}
