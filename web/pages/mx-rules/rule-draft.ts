/** One MX rule as a form: texts as typed, empty counts for "no limit"; and what it becomes for the API. */
import type { MxRuleInput } from "../../../src/contract/shaping.ts";
import type { Count } from "../../parts/form-fields.ts";
import type { MxRule } from "../../queries-sending.ts";

export const TLS = ["none", "opportunistic", "encrypted", "required"] as const satisfies readonly MxRuleInput["tls"][];
export const COUNTED_PER = ["site", "rule"] as const satisfies readonly MxRuleInput["countedPer"][];

export type RuleDraft = {
  name: string;
  enabled: boolean;
  /** One mask a line. */
  mx: string;
  sourceFrom: Count;
  sourceTo: Count;
  shared: boolean;
  countedPer: MxRuleInput["countedPer"];
  connectionsMin: Count;
  connectionsMax: Count;
  messagesPerConnection: Count;
  perHourMin: Count;
  perHourMax: Count;
  connectionsPerMinute: Count;
  /** Seconds. */
  connect: Count;
  data: Count;
  other: Count;
  tls: MxRuleInput["tls"];
};
export type RuleField = keyof RuleDraft;

/** The server's defaults, said here so that they can be seen. */
export const emptyRule: RuleDraft = {
  name: "",
  enabled: true,
  mx: "",
  sourceFrom: "",
  sourceTo: "",
  shared: false,
  countedPer: "site",
  connectionsMin: 1,
  connectionsMax: 10,
  messagesPerConnection: 100,
  perHourMin: "",
  perHourMax: "",
  connectionsPerMinute: "",
  connect: "",
  data: "",
  other: "",
  tls: "opportunistic",
};

export const ruleDraftOf = (rule: MxRule): RuleDraft => ({
  name: rule.name,
  enabled: rule.enabled,
  mx: rule.mx.join("\n"),
  sourceFrom: rule.sources?.from ?? "",
  sourceTo: rule.sources?.to ?? "",
  shared: rule.shared,
  countedPer: rule.countedPer,
  connectionsMin: rule.connections.min,
  connectionsMax: rule.connections.max,
  messagesPerConnection: rule.messagesPerConnection,
  perHourMin: rule.messagesPerHour?.min ?? "",
  perHourMax: rule.messagesPerHour?.max ?? "",
  connectionsPerMinute: rule.connectionsPerMinute ?? "",
  connect: rule.timeouts.connect ?? "",
  data: rule.timeouts.data ?? "",
  other: rule.timeouts.other ?? "",
  tls: rule.tls,
});

export function ruleRequestOf(draft: RuleDraft): MxRuleInput {
  const { enabled, shared, countedPer, tls } = draft;
  const sources = ends(draft.sourceFrom, draft.sourceTo);
  const { perHourMin, perHourMax } = draft;
  // As in files: the most alone leaves the controller room down to a tenth of it.
  const least = perHourMin === "" && perHourMax !== "" ? Math.max(1, Math.floor(perHourMax / 10)) : perHourMin;
  const perHour = ends(least, perHourMax);
  return {
    name: draft.name.trim(),
    enabled,
    mx: draft.mx.split(/[\s,;]+/).filter((mask) => mask !== ""),
    sources: sources && { from: sources[0], to: sources[1] },
    shared,
    countedPer,
    connections: {
      min: counted(draft.connectionsMin, emptyRule.connectionsMin),
      max: counted(draft.connectionsMax, emptyRule.connectionsMax),
    },
    messagesPerConnection: counted(draft.messagesPerConnection, emptyRule.messagesPerConnection),
    messagesPerHour: perHour && { min: perHour[0], max: perHour[1] },
    connectionsPerMinute: orNull(draft.connectionsPerMinute),
    timeouts: { connect: orNull(draft.connect), data: orNull(draft.data), other: orNull(draft.other) },
    tls,
  };
}

const counted = (value: Count, otherwise: Count): number => Number(value === "" ? otherwise : value);
const orNull = (value: Count): number | null => (value === "" ? null : value);

/** Both empty: no range. One alone is both ends of it. */
function ends(from: Count, to: Count): [number, number] | null {
  if (from === "" && to === "") return null;
  return [Number(from === "" ? to : from), Number(to === "" ? from : to)];
}

const RANGES: Record<string, readonly [RuleField, RuleField]> = {
  sources: ["sourceFrom", "sourceTo"],
  connections: ["connectionsMin", "connectionsMax"],
  messagesPerHour: ["perHourMin", "perHourMax"],
};

/** `/connections/min` is a field of its own; what is said about both ends stands at the upper one. */
export function ruleFieldOf([first = "", second = ""]: readonly string[]): RuleField | null {
  const range = RANGES[first];
  if (range !== undefined) return second === "min" || second === "from" ? range[0] : range[1];
  const name = first === "timeouts" ? second : first;
  return name in emptyRule ? (name as RuleField) : null;
}
