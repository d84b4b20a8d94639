/** An MX rule that limits little; tests change what they are about. */
import type { MxRule } from "../src/core/shaping/rule.ts";

export const TEST_RULE: MxRule = {
  name: "test",
  origin: "shipped",
  mx: ["*"],
  sources: null,
  countedPer: "site",
  isShared: false,
  connections: { min: 1, max: 4 },
  messagesPerConnection: 10,
  messagesPerHour: null,
  connectionsPerMinute: null,
  timeouts: { connect: null, data: null, other: null },
  tls: "opportunistic",
};
