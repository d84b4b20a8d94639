/** The mail about alerts: one for all that is new, still open or over, to everybody who is named in the settings. */
import type { AlertSettings } from "../../contract/alerts.ts";
import { ALERT_KINDS } from "../../core/alert/alert-kinds.ts";
import { planMail, type MailPlan } from "../../core/alert/plan-mail.ts";
import { formatInstant, type Instant, MINUTE, parseDuration } from "../../core/time.ts";
import type { Queryable, Tx } from "../../platform/db.ts";
import { notify } from "../notices/index.ts";
import { listAddresses } from "../operators/index.ts";
import { describeAlert } from "./describe.ts";
import { type AlertRow, listUntold, markTold } from "./store.ts";

/** Addresses of the settings and of the members of the groups that they name. */
export async function recipientsOf(db: Queryable, { addresses, groups }: AlertSettings): Promise<string[]> {
  return [...addresses, ...(groups.length === 0 ? [] : await listAddresses(db, { operators: [], groups }))];
}

/** As long as nobody is named, nobody is taken for told. */
export async function mailAlerts(tx: Tx, settings: AlertSettings, publicUrl: string, now: Instant): Promise<void> {
  const to = await recipientsOf(tx, settings);
  if (to.length === 0) return;
  const every = parseDuration(settings.every) ?? 10 * MINUTE;
  const remind = settings.remind === null ? null : parseDuration(settings.remind);
  const plan = planMail(await listUntold(tx), { every, remind }, now);
  if (plan === null || (await notify(tx, { to, ...composeAlertMail(plan, publicUrl) }, now)) === 0) return;
  const ids = (rows: readonly AlertRow[]) => rows.map(({ id }) => id);
  await markTold(tx, ids([...plan.fresh, ...plan.reminded]), ids(plan.over), now);
}

export function composeAlertMail({ fresh, reminded, over }: MailPlan<AlertRow>, publicUrl: string) {
  const line = ({ kind, detail, raisedAt, resolvedAt }: AlertRow) => {
    const time = resolvedAt === null ? `since ${formatInstant(raisedAt)}` : `until ${formatInstant(resolvedAt)}`;
    const { deliveryId } = detail;
    const link = typeof deliveryId === "string" ? `\n    ${publicUrl}/deliveries/${deliveryId}` : "";
    return `- [${ALERT_KINDS[kind].level}] ${describeAlert(kind, detail)} (${time})${link}`;
  };
  const part = (title: string, rows: readonly AlertRow[]) =>
    rows.length === 0 ? [] : [`${title}\n${rows.map(line).join("\n")}`];
  const text = [
    ...part("New:", fresh),
    ...part("Still open:", reminded),
    ...part("Over:", over),
    `All alerts: ${publicUrl}/alerts`,
  ].join("\n\n");
  const [first] = [...fresh, ...reminded, ...over];
  const more = fresh.length + reminded.length + over.length - 1;
  const what = first === undefined ? "" : describeAlert(first.kind, first.detail).slice(0, 120);
  const state = fresh.length > 0 ? "Alert" : reminded.length > 0 ? "Still open" : "Over";
  return { subject: `${state}: ${what}${more > 0 ? ` (and ${more} more)` : ""}`, text };
}
