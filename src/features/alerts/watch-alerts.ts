/** Looks at everything that is watched: what is new is raised, what is over is resolved, webhooks and people hear of both. */
import { ALERT_KIND_NAMES, ALERT_KINDS, type AlertKind, ruleOf } from "../../core/alert/alert-kinds.ts";
import { DAY, formatInstant, type Instant, parseDuration } from "../../core/time.ts";
import type { EventType } from "../../core/webhook/event-types.ts";
import { type Db, storable, type Tx } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { type AlertSettings, alertSettingsSchema } from "../../contract/alerts.ts";
import { loadSettings } from "../settings/index.ts";
import { describeAlert } from "./describe.ts";
import { mailAlerts } from "./mail-alerts.ts";
import type { Surroundings, Watchers } from "./seen.ts";
import { type AlertRow, type NewAlert, raiseAlerts, resolveAlerts } from "./store.ts";
import { DELIVERY_WATCHERS } from "./watch-deliveries.ts";
import { PLATFORM_WATCHERS } from "./watch-platform.ts";

export type AlertDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly around: Surroundings;
  /** Base of the links in mails. */
  readonly publicUrl: string;
};

const WATCHERS: Watchers = { ...DELIVERY_WATCHERS, ...PLATFORM_WATCHERS };
/** These ask much of the database or the network: only `thorough` looks see to them. */
const COSTLY: ReadonlySet<AlertKind> = new Set(["hard-bounces", "soft-bounces", "quarantine-growth", "domain-dns"]);
/** More of one kind say nothing more. */
const MOST_OF_A_KIND = 200;
const SUBJECT_MAX = 300;

/** `thorough`: also what is costly to find out. */
export async function watchAlerts(deps: AlertDeps, now: Instant, thorough: boolean): Promise<void> {
  const settings = await loadAlertSettings(deps.db);
  const looked: AlertKind[] = [];
  const seen: NewAlert[] = [];
  for (const kind of ALERT_KIND_NAMES) {
    if (COSTLY.has(kind) && !thorough) continue;
    const found = await look(deps, kind, settings, now);
    if (found === null) continue;
    looked.push(kind);
    seen.push(...found);
  }
  await deps.db.transaction(async (tx) => {
    const raised = seen.length === 0 ? [] : await raiseAlerts(tx, seen, now);
    const resolved = await resolveAlerts(tx, looked, now);
    await tellWebhooks(tx, raised, resolved, now);
    await mailAlerts(tx, settings, deps.publicUrl, now);
  });
}

export async function loadAlertSettings(db: Pick<Db, "query">): Promise<AlertSettings> {
  return alertSettingsSchema.parse((await loadSettings(db)).alerts);
}

/** Null: it could not be found out; what is open stays so. What is switched off is found nowhere. */
async function look(
  { db, log, around }: AlertDeps,
  kind: AlertKind,
  settings: AlertSettings,
  now: Instant,
): Promise<NewAlert[] | null> {
  const { on, thresholds } = ruleOf(kind, settings.rules);
  const watcher = WATCHERS[kind];
  if (!on || watcher === undefined) return [];
  const window = parseDuration(settings.window) ?? DAY;
  try {
    const found = await watcher({ db, now, thresholds, window, around });
    const named = found.slice(0, MOST_OF_A_KIND).map(({ subject, detail }) => {
      return { kind, subject: storable(subject, SUBJECT_MAX), detail };
    });
    return [...new Map(named.map((one) => [one.subject, one])).values()];
  } catch (error) {
    log.warn({ kind, error: errorText(error) }, "it could not be found out whether there is something to alert of");
    return null;
  }
}

async function tellWebhooks(
  tx: Tx,
  raised: readonly AlertRow[],
  resolved: readonly AlertRow[],
  now: Instant,
): Promise<void> {
  const events = [
    ...raised.map((row) => eventOf("alert.raised", row)),
    ...resolved.map((row) => eventOf("alert.resolved", row)),
    ...raised.flatMap(({ kind, detail }) =>
      kind === "domain-dns" ? [{ type: "domain.dns_error" as const, data: detail }] : [],
    ),
  ];
  const types = [...new Set(events.map(({ type }) => type))];
  for (const type of types) {
    await putOutbox(tx, "plain", [type], () => events.filter((event) => event.type === type), now);
  }
}

function eventOf(type: EventType, { id, kind, subject, detail, raisedAt, resolvedAt }: AlertRow) {
  const data = {
    alertId: String(id),
    kind,
    level: ALERT_KINDS[kind].level,
    subject,
    message: describeAlert(kind, detail),
    raisedAt: formatInstant(raisedAt),
    resolvedAt: resolvedAt === null ? null : formatInstant(resolvedAt),
    detail,
  };
  return { type, data };
}
