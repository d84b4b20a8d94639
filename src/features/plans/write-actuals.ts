/** What plans became, once their deliveries are over: first and last acceptance by provider, beside what was planned. */
import type { Plan } from "../../contract/shaping.ts";
import { providerOf } from "../../core/shaping/match.ts";
import type { Provider } from "../../core/shaping/rule.ts";
import { formatInstant, HOUR, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import * as store from "./store.ts";

/** All that are due; harmless when repeated. */
export async function writeActuals(db: Db, providers: readonly Provider[], now: Instant): Promise<void> {
  for (const id of await store.listPlansToClose(db)) {
    const rows = (await store.sumAccepted(db, id)).map((row) => ({
      ...row,
      provider: providerOf(providers, row.mx === null ? [] : [row.mx]),
    }));
    await store.saveActual(db, id, actualOf(rows, now));
  }
  await store.forgetPlans(db);
}

type Accepted = {
  readonly provider: string;
  readonly messages: number;
  readonly first: Instant;
  readonly last: Instant;
};

/** Of a delivery from which nothing was accepted: no rows, and the time at which that was seen. */
function actualOf(accepted: readonly Accepted[], now: Instant): NonNullable<Plan["actual"]> {
  const rows = [...Map.groupBy(accepted, ({ provider }) => provider)].map(([provider, group]) => {
    const messages = group.reduce((sum, row) => sum + row.messages, 0);
    const startAt = Math.min(...group.map(({ first }) => first));
    const endAt = Math.max(...group.map(({ last }) => last));
    return { provider, messages, startAt, endAt };
  });
  rows.sort((a, b) => b.endAt - a.endAt || (a.provider < b.provider ? -1 : 1));
  return {
    startAt: formatInstant(rows.length === 0 ? now : Math.min(...rows.map(({ startAt }) => startAt))),
    endAt: formatInstant(rows.length === 0 ? now : Math.max(...rows.map(({ endAt }) => endAt))),
    rows: rows.map(({ provider, messages, startAt, endAt }) => ({
      provider,
      messages,
      startAt: formatInstant(startAt),
      endAt: formatInstant(endAt),
      // What takes less than a second is told as if it took one.
      messagesPerHour: Math.round((messages * HOUR) / Math.max(1000, endAt - startAt)),
    })),
  };
}
