/**
 * The one place where servers' words about addresses become states: what senders are told at once, and what comes later by mail. Core
 * decides; here is what it needs to know, and what is written down.
 */
import type { FailureReason, FailureType, VerdictScope } from "../../core/bounce/verdict.ts";
import {
  type AddressEvent,
  type AddressState,
  afterEvent,
  type QuarantinePolicy,
  VALID,
} from "../../core/quarantine/address-state.ts";
import { type Answers, type GuardPolicy, isFarAboveUsual } from "../../core/quarantine/outage-guard.ts";
import type { Instant } from "../../core/time.ts";
import { storable, type Tx } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { countAnswers, countDomains, holdBurst, loadShares, recentSince } from "./guard-store.ts";
import { policyOf } from "./policy.ts";
import {
  appendHistory,
  type ChangedBy,
  findAllowed,
  findProviders,
  type HistoryEntry,
  lockStates,
  type StateChange,
  type StoredState,
  writeChanges,
} from "./record-store.ts";

const TEXT_MAX = 2000;

export type AddressError = {
  readonly matchKey: string;
  /** As it was written to. */
  readonly address: string;
  readonly at: Instant;
  readonly verdict: { readonly type: FailureType; readonly reason: FailureReason; readonly scope: VerdictScope };
  readonly reply: string;
  /** Null: as its domain's mail went last. */
  readonly provider: string | null;
  readonly deliveryId: number;
  readonly partId: number;
  readonly seq: number;
};

export type AddressAnswers = {
  readonly errors: readonly AddressError[];
  readonly accepted: readonly { readonly matchKey: string; readonly domain: string }[];
};

export function recordAddressErrors(tx: Tx, errors: readonly AddressError[], now: Instant): Promise<void> {
  return recordAddressAnswers(tx, { errors, accepted: [] }, now);
}

/** Soft errors of these are over. One indexed look where none had any. */
export async function recordAddressSuccesses(tx: Tx, matchKeys: readonly string[], now: Instant): Promise<void> {
  if (matchKeys.length === 0) return;
  const stored = await lockStates(tx, matchKeys);
  if (stored.size === 0) return;
  const policy = policyOf((await loadSettings(tx)).quarantine);
  await writeChanges(tx, successesOf(matchKeys, stored, policy, now));
}

/** Errors and successes of one batch, each outcome once. Errors that do not count against their address change nothing. */
export async function recordAddressAnswers(tx: Tx, { errors, accepted }: AddressAnswers, now: Instant): Promise<void> {
  const keys = [...errors, ...accepted].map(({ matchKey }) => matchKey);
  if (keys.length === 0) return;
  const stored = await lockStates(tx, [...new Set(keys)]);
  await countAnswers(tx, answersByDomain(errors, accepted), now);
  if (errors.length > 0 || stored.size > 0) await change(tx, errors, accepted, stored, now);
}

/**
 * Errors of the past that are judged otherwise now, because a person wants it: neither doubted nor counted where the outage guard counts
 * what providers answer within the hour. None of their addresses may be on the allowlist.
 */
export async function recordRequalifiedErrors(
  tx: Tx,
  errors: readonly AddressError[],
  by: NonNullable<ChangedBy>,
  now: Instant,
): Promise<void> {
  const stored = await lockStates(
    tx,
    errors.map(({ matchKey }) => matchKey),
  );
  const { quarantine: settings } = await loadSettings(tx);
  const judge: Judge = {
    policy: policyOf(settings),
    doubtful: new Set(),
    foldLocalPart: settings.foldLocalPart,
  };
  const changes = errorsOf(await withProviders(tx, errors), stored, judge);
  await writeChanges(
    tx,
    changes.map((one) => ({ ...one, cause: "requalified", at: now, by })),
  );
}

async function change(
  tx: Tx,
  errors: readonly AddressError[],
  accepted: AddressAnswers["accepted"],
  stored: ReadonlyMap<string, StoredState>,
  now: Instant,
): Promise<void> {
  const { quarantine: settings } = await loadSettings(tx);
  const policy = policyOf(settings);
  const allowed =
    errors.length === 0
      ? new Set<string>()
      : await findAllowed(
          tx,
          errors.map(({ matchKey }) => matchKey),
        );
  const named = await withProviders(tx, errors);
  const counts = answersByDomain(errors, accepted);
  const doubtful = await doubtfulProviders(tx, named, counts, settings.guard, now);
  const known = named.map((error) =>
    doubtful.has(guardedBy(error)) ? { ...error, provider: guardedBy(error) } : error,
  );
  const judge: Judge = { policy, doubtful, foldLocalPart: settings.foldLocalPart };
  const blamed = known.filter(({ matchKey }) => !allowed.has(matchKey));
  const failed = errorsOf(blamed, stored, judge);
  const over = successesOf(
    accepted.map(({ matchKey }) => matchKey),
    stored,
    policy,
    now,
  );
  await writeChanges(tx, [...failed, ...over]);
  const ignored = known.filter((error) => allowed.has(error.matchKey) && errorsOf([error], stored, judge).length > 0);
  if (ignored.length > 0) await appendHistory(tx, ignored.map(ignoredEntry));
  for (const provider of doubtful) await holdBurst(tx, provider, recentSince(now), now);
}

type Judge = {
  readonly policy: QuarantinePolicy;
  readonly doubtful: ReadonlySet<string>;
  readonly foldLocalPart: boolean;
};

function errorsOf(
  errors: readonly AddressError[],
  stored: ReadonlyMap<string, StoredState>,
  { policy, doubtful, foldLocalPart }: Judge,
): StateChange[] {
  const states = new Map<string, AddressState>();
  const changes: StateChange[] = [];
  for (const error of errors) {
    const { matchKey, address, at, verdict, provider } = error;
    const row = stored.get(matchKey);
    const isOwn = row !== undefined && (foldLocalPart || localPartOf(row.address) === localPartOf(address));
    const before = states.get(matchKey) ?? (isOwn ? row : VALID);
    const isDoubtful = provider !== null && doubtful.has(provider);
    const event: AddressEvent = { kind: "error", at, verdict, isDoubtful };
    const after = afterEvent(before, event, policy);
    if (after === before) continue;
    states.set(matchKey, after);
    const { deliveryId, partId, seq } = error;
    const message = { deliveryId, partId, seq };
    const errorText = storable(error.reply, TEXT_MAX);
    const { reason } = verdict;
    changes.push({ matchKey, address, cause: "error", after, reason, errorText, provider, message, at, by: null });
  }
  return changes;
}

function successesOf(
  matchKeys: readonly string[],
  stored: ReadonlyMap<string, StoredState>,
  policy: QuarantinePolicy,
  at: Instant,
): StateChange[] {
  const changes: StateChange[] = [];
  for (const matchKey of new Set(matchKeys)) {
    const before = stored.get(matchKey);
    if (before === undefined) continue;
    const after = afterEvent(before, { kind: "success", at }, policy);
    if (after === before) continue;
    const { address, errorText, provider } = before;
    const reason = before.reason ?? "not-defined";
    const change = { matchKey, address, cause: "delivered", after, reason, errorText, provider };
    changes.push({ ...change, message: null, at, by: null });
  }
  return changes;
}

function ignoredEntry(error: AddressError): HistoryEntry {
  const { matchKey, at, provider, deliveryId, partId, seq } = error;
  const message = { deliveryId, partId, seq };
  const told = { reason: "error-ignored", errorText: storable(error.reply, TEXT_MAX), provider, message, at, by: null };
  return { matchKey, cause: "allowed", status: "valid", ...told };
}

async function withProviders(tx: Tx, errors: readonly AddressError[]): Promise<readonly AddressError[]> {
  const unknown = errors.filter(({ provider }) => provider === null);
  if (unknown.length === 0) return errors;
  const providers = await findProviders(tx, [...new Set(unknown.map(({ matchKey }) => domainOf(matchKey)))]);
  return errors.map((error) => ({
    ...error,
    provider: error.provider ?? providers.get(domainOf(error.matchKey)) ?? null,
  }));
}

/**
 * Providers that are not to be believed now. A domain that belongs to none with a name is looked at by itself from the batch on in which
 * it alone calls enough people unknown: there are too many domains to count them all.
 */
async function doubtfulProviders(
  tx: Tx,
  errors: readonly AddressError[],
  counts: ReadonlyMap<string, Answers>,
  guard: GuardPolicy,
  now: Instant,
): Promise<ReadonlySet<string>> {
  const unknown = errors.filter(isUnknownUser);
  if (!guard.enabled || unknown.length === 0) return new Set();
  const crowded = new Map<string, Answers>();
  for (const error of unknown) {
    const count = counts.get(domainOf(error.matchKey));
    if (error.provider === null && count !== undefined && count.unknown >= guard.least) {
      crowded.set(domainOf(error.matchKey), count);
    }
  }
  await countDomains(tx, crowded, now);
  const shares = await loadShares(tx, [...new Set(unknown.map(guardedBy))], now);
  const doubtful = [...shares].filter(
    ([, { recent, usual, isTrusted }]) => !isTrusted && isFarAboveUsual(recent, usual, guard),
  );
  return new Set(doubtful.map(([provider]) => provider));
}

/** Final answers: a message that is tried again has none yet. */
function answersByDomain(errors: readonly AddressError[], accepted: AddressAnswers["accepted"]): Map<string, Answers> {
  const domains = new Map<string, { answers: number; unknown: number }>();
  const count = (domain: string, isUnknown: boolean) => {
    let counts = domains.get(domain);
    if (!counts) domains.set(domain, (counts = { answers: 0, unknown: 0 }));
    counts.answers++;
    if (isUnknown) counts.unknown++;
  };
  for (const { domain } of accepted) count(domain, false);
  for (const error of errors) if (error.verdict.type === "hard") count(domainOf(error.matchKey), isUnknownUser(error));
  return domains;
}

const isUnknownUser = ({ verdict }: AddressError): boolean =>
  verdict.type === "hard" && verdict.reason === "user-unknown";
const domainOf = (matchKey: string): string => matchKey.slice(matchKey.lastIndexOf("@") + 1);
/** By whose answers an error is doubted. */
const guardedBy = ({ provider, matchKey }: AddressError): string => provider ?? domainOf(matchKey);
const localPartOf = (address: string): string => address.slice(0, address.lastIndexOf("@"));
