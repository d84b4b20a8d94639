/** From what files say to what the engine knows: units, defaults, actions. */
import { HOUR, parseDuration, SECOND, type Duration } from "../../core/time.ts";
import type { MxRule, Provider, Range, Reaction, ReactionAction, Sweep } from "../../core/shaping/rule.ts";
import type { Written } from "./file-schema.ts";
import type { Place, Problem } from "./problem.ts";
import type { Entry } from "./read-files.ts";

/** Of a single number of messages an hour: how far the controller may go below it. */
const LEAST_SHARE = 0.1;
const MAX_WINDOW: Duration = 24 * HOUR;

export function toProvider({ name, label, mx, warm_up }: Written<"provider">): Provider {
  return { name, label, mx: mx.map((mask) => mask.toLowerCase()), warmUp: warm_up ?? null };
}

export function toRule(rule: Written<"rule">, mx: readonly string[], origin: MxRule["origin"]): MxRule {
  const { connect, data, other } = rule.timeouts;
  const hourly = rule.messages_per_hour;
  return {
    name: rule.name,
    origin,
    mx: mx.map((mask) => mask.toLowerCase()),
    sources: null,
    countedPer: rule.counted_per,
    isShared: rule.shared,
    connections: toRange(rule.connections, 0),
    messagesPerConnection: rule.messages_per_connection,
    messagesPerHour: hourly === undefined ? null : toRange(hourly, LEAST_SHARE),
    connectionsPerMinute: rule.connections_per_minute ?? null,
    timeouts: { connect: inMs(connect), data: inMs(data), other: inMs(other) },
    tls: rule.tls,
  };
}

function toRange(limit: number | Range, leastShare: number): Range {
  return typeof limit === "number" ? { min: Math.max(1, Math.floor(limit * leastShare)), max: limit } : limit;
}

function inMs(seconds: number | undefined): Duration | null {
  return seconds === undefined ? null : seconds * SECOND;
}

/** Without `problems` it is sound. */
export function toReaction({ written, place }: Entry<"reaction">, problems: Problem[]): Reaction {
  const action = toAction(written.action);
  return {
    name: written.name,
    provider: written.provider ?? null,
    stage: written.stage ?? null,
    code: written.code ?? null,
    enhanced: written.enhanced ?? null,
    text: written.text ?? null,
    threshold: toThreshold(written, place, problems),
    scope: written.scope,
    action,
    duration: toLength(`reaction ${written.name}`, action, written.duration, place, problems),
    alert: written.alert || action.kind === "alert",
  };
}

export function toSweep({ written, place }: Entry<"sweep">, problems: Problem[]): Sweep {
  const title = `sweep ${written.name}`;
  const action = toAction(written.action);
  const within = parseDuration(written.within);
  if (within === null || within > MAX_WINDOW) {
    problems.push({
      place: place.at("within"),
      code: "bad-duration",
      detail: `${title}: within: 90s, 20m, 24h at most`,
    });
  }
  return {
    name: written.name,
    provider: written.provider ?? null,
    ratio: written.ratio,
    above: written.above,
    within: within ?? 0,
    minimum: written.minimum,
    per: written.per,
    action: action as Sweep["action"],
    duration: toLength(title, action, written.duration, place, problems),
  };
}

function toAction(action: Written<"reaction">["action"]): ReactionAction {
  if (action === "fewer-connections") return { kind: action, by: 1 };
  if (typeof action === "string") return { kind: action };
  if (action.kind !== "limit") return action;
  return {
    kind: "limit",
    messagesPerHour: action.messages_per_hour ?? null,
    connections: action.connections ?? null,
  };
}

const LASTING: ReadonlySet<ReactionAction["kind"]> = new Set([
  "suspend",
  "limit",
  "other-source",
  "messages-per-connection",
]);

/** Of these a duration says when the message is tried again; without one, retries are as ever. */
const WAITING: ReadonlySet<ReactionAction["kind"]> = new Set(["same-source", "retry"]);

/** How long an action lasts, or a message waits. */
function toLength(
  title: string,
  action: ReactionAction,
  duration: string | undefined,
  place: Place,
  problems: Problem[],
): Duration {
  const lasts = LASTING.has(action.kind);
  const length = duration === undefined ? null : parseDuration(duration);
  const detail =
    lasts && duration === undefined
      ? `"${action.kind}" needs a duration`
      : !lasts && !WAITING.has(action.kind) && duration !== undefined
        ? `"${action.kind}" has no duration`
        : duration !== undefined && length === null
          ? `duration "${duration}" is not like 90s, 20m, 36h, 5d`
          : action.kind === "limit" && action.messagesPerHour === null && action.connections === null
            ? "a limit says messages_per_hour or connections"
            : null;
  if (detail !== null) {
    const at = place.at(duration === undefined ? "action" : "duration");
    problems.push({ place: at, code: "bad-duration", detail: `${title}: ${detail}` });
  }
  return length ?? 0;
}

/** `3/1h`: the third such reply within an hour. */
function toThreshold(
  { name, threshold }: Written<"reaction">,
  place: Place,
  problems: Problem[],
): Reaction["threshold"] {
  if (threshold === undefined) return null;
  const match = /^([1-9]\d{0,5})\/(\S+)$/.exec(threshold);
  const within = parseDuration(match?.[2] ?? "");
  if (match === null || within === null || within > MAX_WINDOW) {
    const detail = `reaction ${name}: threshold "${threshold}" is not like 3/1h, at most over 24h`;
    problems.push({ place: place.at("threshold"), code: "bad-threshold", detail });
    return null;
  }
  return { count: Number(match[1]), within };
}
