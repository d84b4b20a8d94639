/** What the stand-in answers about the sending engine. */
import type {
  LaneAnswer,
  PoolAnswer,
  ShapingEventAnswer,
  SourceAnswer,
  WarmUpCell,
} from "../../src/contract/shaping.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import type { SendingWorld } from "./fixture-sending.ts";

const missing = (what: string): Answer => problem(404, "not-found", `There is no such ${what}`, "Nothing has this id.");
const invalid = (pointer: string, message: string): Answer =>
  problem(422, "invalid-input", "The input is not valid", `${pointer}: ${message}`, [
    { pointer, code: "invalid", message },
  ]);

/** `/lanes…`, `/shaping-events…`, `/sources…`, `/pools…`, `/warm-up…`. */
export function sendingAnswer(world: SendingWorld, call: Call): Answer {
  const [, resource = "", id = "", part = "", verb = "", last = ""] = call.path.split("/").map(decodeURIComponent);
  switch (resource) {
    case "lanes":
      return id === "" ? page(lanesOf(world, call.query), call.query) : laneAnswer(world, call, id, verb);
    case "shaping-events":
      return id === "" ? page(eventsOf(world, call.query), call.query) : undo(world, id);
    case "sources":
      return stored(world.sources, call, id, "source", checkSource);
    case "pools":
      return stored(world.pools, call, id, "pool", () => null);
    default:
      return id === ""
        ? page(world.warmUp, call.query)
        : steerWarmUp(world, call, { sourceId: id, provider: part, verb: last || verb });
  }
}

const lanesOf = ({ lanes }: SendingWorld, query: URLSearchParams): LaneAnswer[] =>
  lanes
    .filter(
      ({ provider, source, figures }) =>
        (query.get("provider") ?? provider) === provider &&
        (query.get("source") ?? source) === source &&
        (query.get("constraint") ?? figures.constraint) === figures.constraint,
    )
    .toSorted((left, right) => right.figures.waiting - left.figures.waiting);

function laneAnswer({ lanes }: SendingWorld, call: Call, id: string, verb: string): Answer {
  const lane = lanes.find((each) => each.id === id);
  if (lane === undefined) return missing("lane");
  if (call.method === "GET") return ok(lane);
  const body = JSON.parse(call.body || "{}") as { for?: string; connections?: number; messagesPerHour?: number };
  switch (verb) {
    case "pin":
      lane.pin = {
        connections: body.connections ?? null,
        messagesPerHour: body.messagesPerHour ?? null,
        actor: "admin",
        at: new Date().toISOString(),
      };
      break;
    case "unpin":
      lane.pin = null;
      break;
    case "suspend": {
      if (!/^\d+[smhd]$/.test(body.for ?? ""))
        return invalid("/for", "a time is written 90s, 20m, 36h or 5d, 30d at most");
      const suspendedUntil = new Date(Date.now() + 3_600_000).toISOString();
      lane.figures = { ...lane.figures, constraint: "suspended", why: "suspended by admin", suspendedUntil };
      break;
    }
    default:
      lane.figures = { ...lane.figures, constraint: "none", why: "Nothing holds this lane back", suspendedUntil: null };
  }
  return ok(lane, 202);
}

const isStanding = ({ kind, endedAt }: ShapingEventAnswer) => kind === "restricted" && endedAt === null;

const eventsOf = ({ events }: SendingWorld, query: URLSearchParams): ShapingEventAnswer[] =>
  events.filter(
    (event) =>
      (query.get("provider") ?? event.provider) === event.provider &&
      (query.get("kind") ?? event.kind) === event.kind &&
      (query.get("deliveryId") ?? event.deliveryId) === event.deliveryId &&
      (query.get("source") === null || ("source" in event.scope && event.scope.source === query.get("source"))) &&
      (query.get("standing") !== "true" || isStanding(event)),
  );

function undo({ events }: SendingWorld, id: string): Answer {
  const event = events.find((each) => each.id === id);
  if (event === undefined) return missing("shaping event");
  if (!isStanding(event)) return problem(409, "shaping-event-over", "It is over", "It ended by itself.");
  Object.assign(event, { endedAt: new Date().toISOString(), endedBy: "admin" });
  return ok(event, 202);
}

type Kept = SourceAnswer | PoolAnswer;

function stored<T extends Kept>(
  all: T[],
  call: Call,
  id: string,
  what: string,
  check: (input: T) => Answer | null,
): Answer {
  if (id === "" && call.method === "GET") return page(all, call.query);
  const found = all.find((each) => each.id === id);
  if (id !== "" && found === undefined) return missing(what);
  if (call.method === "GET") return ok(found);
  if (found !== undefined && call.request.headers["if-match"] !== `"${found.version}"`) {
    return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
  }
  if (call.method === "DELETE") {
    if (found?.name === "out1")
      return problem(409, "source-in-use", "The source is in use", 'It is in the pool "default".');
    all.splice(
      all.findIndex((each) => each.id === id),
      1,
    );
    return { status: 204 };
  }
  const input = JSON.parse(call.body) as T;
  const refusal = check(input);
  if (refusal !== null) return refusal;
  const at = new Date().toISOString();
  const next =
    found === undefined ? { id: String(10 + all.length), version: 1, createdAt: at } : { version: found.version + 1 };
  const made = { ...found, ...input, ...next, updatedAt: at };
  if (found === undefined) all.push(made);
  else Object.assign(found, made);
  return ok(made, found === undefined ? 201 : 200);
}

function checkSource({ addressV4, addressV6 }: Partial<SourceAnswer>): Answer | null {
  if (addressV4 !== null || addressV6 !== null) return null;
  return invalid("/addressV4", "A source has at least one address, IPv4 or IPv6");
}

function steerWarmUp(
  world: SendingWorld,
  call: Call,
  at: { sourceId: string; provider: string; verb: string },
): Answer {
  const cell = world.warmUp.find(({ sourceId, provider }) => sourceId === at.sourceId && provider === at.provider);
  if (cell === undefined) return missing("source");
  const { day = 1 } = JSON.parse(call.body || "{}") as { day?: number };
  if (day > 29)
    return invalid("/day", `There is no day ${day}: the curve of this provider has 29. After the last one it is done`);
  const states: Record<string, Partial<WarmUpCell>> = {
    hold: { state: "held" },
    release: { state: "warming" },
    finish: { state: "done" },
    restart: { state: "warming", day: 1, allowance: 200 },
    "set-day": { state: "warming", day },
  };
  return ok(Object.assign(cell, states[at.verb]));
}
