/** One turn with one webhook: some of its requests, several at a time, and what they say about it. */
import { isToBeDisabled, judgeAnswer, nextTry } from "../../core/webhook/attempt.ts";
import { MINUTE, type Duration, type Instant } from "../../core/time.ts";
import { storable, type Db, type Tx } from "../../platform/db.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { putOutbox } from "../../platform/outbox.ts";
import type { WebhookPost } from "../../platform/webhook-post.ts";
import { claimDue, type DueRequest, giveBack, type RequestOutcome, writeOutcomes } from "./message-store.ts";
import { openSecret, signatureHeaders } from "./secret.ts";
import { disableWebhook, noteHealth, type WebhookRow } from "./store.ts";

export type DeliverDeps = {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly now: () => Instant;
  readonly post: WebhookPost;
  /** Hosts and networks that may be connected to besides public ones. */
  readonly allowed: readonly string[];
  /** 0 to 1. */
  readonly random: () => number;
  readonly version: string;
};

/** A turn: so many rounds of as many requests as may go at the same time. Nobody else has them longer than it can take. */
const ROUNDS = 8;
const LEASE: Duration = 5 * MINUTE;
/** Failures in a row after which it gets one request at a time until one arrives. */
const DOUBTFUL = 3;
const TEXT_MAX = 1000;

type Tried = RequestOutcome & { readonly pause: Duration; readonly isGone: boolean };

/** How many were tried. */
export async function deliverSome(deps: DeliverDeps, webhook: WebhookRow, signal: AbortSignal): Promise<number> {
  const { db, now } = deps;
  const width = webhook.failures >= DOUBTFUL ? 1 : webhook.concurrency;
  const most = width === 1 ? 1 : width * ROUNDS;
  const due = await claimDue(db, webhook.id, most, now(), now() + LEASE);
  if (due.length === 0) return 0;
  const secrets = secretsOf(deps, webhook);
  const tried: Tried[] = [];
  const waiting = [...due];
  const isToStop = () => signal.aborted || tried.slice(-DOUBTFUL).filter(isBad).length === DOUBTFUL;
  const work = async () => {
    while (!isToStop()) {
      const request = waiting.shift();
      if (request === undefined) return;
      const result = await tryOnce(deps, webhook, request, secrets, signal);
      if (result === null) waiting.push(request);
      else tried.push(result);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (tried.length > 0) await db.transaction((tx) => writeTurn(tx, webhook, tried, now()));
  const left = waiting.map(({ id }) => id);
  if (left.length > 0) await giveBack(db, left);
  return tried.length;
}

const isBad = ({ state, pause }: Tried) => state !== "delivered" || pause > 0;

function secretsOf({ masterKey, now }: DeliverDeps, webhook: WebhookRow): string[] {
  const { id, sealedSecret, sealedPrevious, previousUntil } = webhook;
  const secrets = [openSecret(masterKey, id, sealedSecret)];
  if (sealedPrevious !== null && previousUntil !== null && previousUntil > now())
    secrets.push(openSecret(masterKey, id, sealedPrevious));
  return secrets;
}

/** Null: nobody waited for the answer. */
async function tryOnce(
  { post, now, allowed, random, version }: DeliverDeps,
  { url }: WebhookRow,
  { id, key, body, attempts, tries }: DueRequest,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Tried | null> {
  const at = now();
  const headers = {
    "content-type": "application/json",
    "user-agent": `Envoi/${version} (webhooks)`,
    ...signatureHeaders(secrets, { key, at, body }),
  };
  const { retryAfter, ...answer } = await post({ url, headers, body, allowed, signal });
  if (signal.aborted && answer.status === null) return null;
  const verdict = judgeAnswer({ status: answer.status, retryAfter });
  const nextAt = verdict.kind === "failed" ? nextTry(tries + 1, now(), random()) : null;
  return {
    id,
    attempt: attempts + 1,
    at,
    state: verdict.kind === "delivered" ? "delivered" : nextAt === null ? "failed" : "pending",
    nextAt,
    status: answer.status,
    error: answer.error === null ? null : storable(answer.error, TEXT_MAX),
    durationMs: answer.durationMs,
    response: storable(answer.response, TEXT_MAX),
    pause: verdict.kind === "failed" ? verdict.pause : 0,
    isGone: verdict.kind === "gone",
  };
}

async function writeTurn(tx: Tx, webhook: WebhookRow, tried: readonly Tried[], now: Instant): Promise<void> {
  await writeOutcomes(tx, tried, now);
  const lastGood = tried.findLastIndex(({ state }) => state === "delivered");
  const bad = tried.slice(lastGood + 1);
  const last = bad.at(-1);
  const error = last === undefined ? null : (last.error ?? `answered ${last.status}`);
  const health = await noteHealth(
    tx,
    webhook.id,
    {
      delivered: tried.filter(({ state }) => state === "delivered").length,
      failures: bad.length,
      error,
      pause: Math.max(...tried.map(({ pause }) => pause)),
    },
    now,
  );
  if (health === null) return;
  if (tried.some(({ isGone }) => isGone)) await disable(tx, health, "It answered 410: it wants nothing any more", now);
  else if (health.failingSince !== null && isToBeDisabled(health.failingSince, now))
    await disable(tx, health, `Nothing arrived for five days: ${error}`, now);
}

async function disable(tx: Tx, { id, url, description }: WebhookRow, reason: string, now: Instant): Promise<void> {
  if (!(await disableWebhook(tx, id, reason, now))) return;
  const data = { webhookId: String(id), url, description, reason };
  await putOutbox(tx, "plain", ["webhook.disabled"], () => [{ type: "webhook.disabled", data }], now);
}
