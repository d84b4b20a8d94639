/**
 * Works off a batch of received mails. What they say of messages is written down together, because one transaction for a hundred bounces
 * costs hardly more than one for a single one; a mail that spoils that is found by working them off one by one.
 */
import { appError } from "../../platform/errors.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { settleDelivery } from "../deliveries/index.ts";
import { loadSettings } from "../settings/index.ts";
import type { Acted, Handled, InboundDeps } from "./acted.ts";
import { applyReports, type Reported } from "./apply-reports.ts";
import { type Finished, finishMails } from "./finish-mails.ts";
import type { WaitingMail } from "./mail-store.ts";
import { planMail } from "./plan-mail.ts";

/** Of one mail: what it did, or why it could not be worked off now. */
export type Worked = { readonly answer: Handled } | { readonly error: unknown };

/** Each of them, by id. Rejects only when nothing can be done at all, as when the database is away. */
export async function workOff(deps: InboundDeps, mails: readonly WaitingMail[]): Promise<ReadonlyMap<number, Worked>> {
  const worked = new Map<number, Worked>();
  const fail = (id: number, error: unknown) => void worked.set(id, { error });
  const settings = await loadSettings(deps.db);
  const reported: Reported[] = [];
  const finished: Finished[] = [];
  for (const { id, raw, recipient, returnPath, receivedAt } of mails) {
    try {
      const { step, doneOf } = await planMail(deps, settings, raw, { recipient, returnPath }, receivedAt);
      if (step.kind === "report") {
        reported.push({ id, step, doneOf });
        continue;
      }
      const acted = await step.act();
      finished.push({ id, acted, doneOf });
      worked.set(id, { answer: acted.answer });
    } catch (error) {
      fail(id, error);
    }
  }
  const finish = (some: readonly Finished[]) => deps.db.transaction((tx) => finishMails(tx, some, deps.now()));
  await togetherOrEach(finished, finish, fail);
  await togetherOrEach(reported, (some) => report(deps, some, worked), fail);
  return worked;
}

async function report(deps: InboundDeps, reported: readonly Reported[], worked: Map<number, Worked>): Promise<void> {
  const { answers, ended } = await applyReports(deps, reported);
  for (const { id, step } of reported) worked.set(id, workedOf(answers.get(id) ?? "early", step));
  // What is not settled here is by the worker's clock, within a minute.
  for (const deliveryId of ended) await settleDelivery(deps.db, deliveryId, deps.now()).catch(() => {});
}

function workedOf(given: Acted | "early", { key }: Reported["step"]): Worked {
  if (given === "early") return { error: appError("final-word-early", { key: formatKey(key) }) };
  return { answer: given.answer };
}

/** `work` does all or nothing. */
async function togetherOrEach<T extends { readonly id: number }>(
  items: readonly T[],
  work: (some: readonly T[]) => Promise<void>,
  onError: (id: number, error: unknown) => void,
): Promise<void> {
  if (items.length === 0) return;
  try {
    await work(items);
  } catch (error) {
    const [first, ...more] = items;
    if (first !== undefined && more.length === 0) return onError(first.id, error);
    for (const item of items) await togetherOrEach([item], work, onError);
  }
}
