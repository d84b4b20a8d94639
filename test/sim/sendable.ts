/** Deliveries of a world as a sender has them: real content, small, unsigned. */
import { compileContent } from "../../src/core/message/compile-content.ts";
import type { Instant } from "../../src/core/time.ts";
import type { SendableDelivery } from "../../src/mta/sendable-delivery.ts";
import type { DeliveryPlan } from "./world.ts";

const compiled = compileContent({
  subject: "Hello",
  html: null,
  text: "Hello",
  fromName: "Tests",
  fromAddress: "news@sender.example",
});
if (compiled.kind === "errors") throw new Error("the content of the simulation does not compile");
const { content } = compiled;

/** Pools of a world are called by their deliveries. */
export function poolNameOf({ id }: DeliveryPlan): string {
  return `pool-${id}`;
}

export function sendableOf(plan: DeliveryPlan, startedAt: Instant): SendableDelivery {
  return {
    id: plan.id,
    label: `delivery ${plan.id}`,
    content,
    at: startedAt,
    validUntil: startedAt + plan.validFor,
    inDoubtPolicy: plan.inDoubtPolicy,
    routes: {},
    transport: "platform",
    wish: { pool: poolNameOf(plan), source: null },
    retries: { mode: "adaptive" },
    mode: "live",
    notify: null,
    dkimDomains: [],
    urlDomains: [],
    signing: [],
    archive: null,
    loadContent: null,
    tokens: { base: "https://t.sender.example", key: { id: 1, words: [1, 2, 3, 4] }, mark: "live" },
  };
}
