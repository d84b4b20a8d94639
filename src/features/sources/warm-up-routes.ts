/** The API of the warm-up: the grid of sources and providers, and an operator's word on a cell. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { warmUpCellSchema } from "../../contract/responses-shaping.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { WarmUpCell } from "../../contract/shaping.ts";
import { OTHER_PROVIDER, type Provider } from "../../core/shaping/rule.ts";
import { curveOf, hourlyAllowance } from "../../core/shaping/warm-up.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { loadWarmUps, type WarmUpToday } from "./load-warm-ups.ts";
import { steerWarmUp, type WarmUpAction } from "./steer-warm-up.ts";
import { listSources } from "./store.ts";

type WarmUpDeps = { readonly db: Db; readonly now: () => Instant; readonly providers: readonly Provider[] };

const TAGS = ["sources"];
const cellParams = z.object({ source: z.string(), provider: z.string() });
const MAX_DAY = 1000;

const ACTIONS = {
  hold: "Keep the step of a source at a provider until it is released",
  release: "Take back a hold; where a step is had again because of how it went, go on to the next one now",
  finish: "The provider knows the source: no limit any more",
  restart: "Begin again with the first day, now",
} as const satisfies Partial<Record<WarmUpAction["kind"], string>>;

export function registerWarmUpRoutes(app: FastifyInstance, deps: WarmUpDeps): void {
  registerGrid(app, deps);
  registerActions(app, deps);
}

function curves({ providers }: WarmUpDeps): (provider: string) => readonly number[] {
  const known = new Map(providers.map((provider) => [provider.name, provider]));
  return (provider) => curveOf(known.get(provider));
}

function registerGrid(plain: FastifyInstance, deps: WarmUpDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/warm-up",
    schema: {
      tags: TAGS,
      summary: "Warm-up: every source with a warm-up at every provider, today (UTC)",
      description:
        "By number of the source, then by provider. Where nothing has left yet, the first day is still to come.",
      querystring: z.object({
        ...pageQuery,
        source: z.string().max(20).optional().describe("Number of a source"),
        provider: z.string().max(100).optional(),
        state: z.enum(["warming", "held", "done"]).optional(),
      }),
      response: { 200: pageOf(warmUpCellSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const cells = (await loadGrid(deps)).filter(
        (cell) =>
          (query.source ?? cell.sourceId) === cell.sourceId &&
          (query.provider ?? cell.provider) === cell.provider &&
          (query.state ?? cell.state) === cell.state,
      );
      const from = readNumberCursor(query.cursor) ?? 0;
      return toPage(cells.slice(from, from + query.limit + 1), query.limit, () => String(from + query.limit));
    },
  });
}

async function loadGrid(deps: WarmUpDeps): Promise<WarmUpCell[]> {
  const { db, now, providers } = deps;
  const curveFor = curves(deps);
  const begun = new Map<string, WarmUpCell>();
  for (const pair of await loadWarmUps(db, curveFor, now())) {
    begun.set(`${pair.sourceId} ${pair.provider}`, present(pair, curveFor(pair.provider)));
  }
  const names = new Set([
    ...providers.map(({ name }) => name),
    OTHER_PROVIDER,
    ...[...begun.values()].map(({ provider }) => provider),
  ]);
  const sources = (await listSources(db)).filter(({ warmUp }) => warmUp === "automatic");
  return sources.flatMap(({ id, name }) =>
    [...names]
      .toSorted()
      .map((provider) => begun.get(`${id} ${provider}`) ?? unbegun(String(id), name, provider, curveFor(provider))),
  );
}

function unbegun(sourceId: string, source: string, provider: string, curve: readonly number[]): WarmUpCell {
  const allowance = curve[0] ?? 0;
  const state = curve.length === 0 ? "done" : "warming";
  const counts = { used: 0, acceptedToday: 0, deferredToday: 0, refusedToday: 0, complaintsToday: 0 };
  const hourly = hourlyAllowance(allowance);
  return { sourceId, source, provider, state, day: 1, allowance, hourlyAllowance: hourly, ...counts };
}

/** Once done the last day of the curve is shown: a number that does not bind. */
function present(today: WarmUpToday, curve: readonly number[]): WarmUpCell {
  const isDone = today.state === "done";
  const allowance = isDone ? (curve.at(-1) ?? 0) : today.allowance;
  return {
    sourceId: String(today.sourceId),
    source: today.source,
    provider: today.provider,
    state: today.state,
    day: isDone ? Math.max(1, curve.length) : today.day,
    allowance,
    hourlyAllowance: hourlyAllowance(allowance),
    used: isDone ? today.accepted : today.used,
    acceptedToday: today.accepted,
    deferredToday: today.deferred,
    refusedToday: today.refused,
    complaintsToday: today.complaints,
  };
}

function registerActions(plain: FastifyInstance, deps: WarmUpDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const schema = { tags: TAGS, params: cellParams, response: { 200: warmUpCellSchema, ...problems(404, 422) } };

  for (const [kind, summary] of Object.entries(ACTIONS) as [keyof typeof ACTIONS, string][]) {
    app.route({
      method: "POST",
      url: `/warm-up/:source/:provider/actions/${kind}`,
      schema: { ...schema, summary },
      handler: ({ params }) => steer(deps, params, { kind }),
    });
  }

  app.route({
    method: "POST",
    url: "/warm-up/:source/:provider/actions/set-day",
    schema: {
      ...schema,
      summary: "Go on with this day of the curve, now",
      description: "What has left today counts against its allowance.",
      body: z.strictObject({ day: z.int().min(1).max(MAX_DAY) }),
    },
    handler: ({ params, body }) => steer(deps, params, { kind: "set-day", day: body.day }),
  });
}

async function steer(
  deps: WarmUpDeps,
  { source, provider }: z.infer<typeof cellParams>,
  action: WarmUpAction,
): Promise<WarmUpCell> {
  const pair = { sourceId: readId(source, "source"), provider };
  if (provider !== OTHER_PROVIDER && !deps.providers.some(({ name }) => name === provider)) {
    throw appError("not-found", { what: "provider", id: provider });
  }
  const curve = curves(deps)(provider);
  const now = deps.now();
  await steerWarmUp(deps.db, { ...pair, curve }, action, now);
  const [today] = await loadWarmUps(deps.db, () => curve, now, pair);
  if (!today) throw appError("not-found", { what: "source", id: source });
  return present(today, curve);
}
