/** What the pages about access decide: states, rights and their order, drafts, filters of the audit log. */
import type { Problem } from "../../../src/contract/index.ts";
import type { Operator, OperatorGroup, Right, Role } from "../../../src/contract/operators.ts";
import { type FieldErrors, fieldErrors } from "../../parts/field-errors.ts";
import { text } from "../../search.ts";
import type { AuditFilter } from "../../queries-operators.ts";
import type { Tone } from "../../tones.ts";

/** From who may most to who may least. */
export const ROLES = [
  "administrator",
  "delivery-operator",
  "campaign-manager",
  "content-contributor",
  "reports",
] as const satisfies readonly Role[];

/** As they are read: what is seen, what is prepared and sent, people, the platform, who may what. */
export const RIGHTS = [
  "reports.read",
  "content.read",
  "people.read",
  "platform.read",
  "content.write",
  "deliveries.write",
  "deliveries.approve",
  "deliveries.start",
  "messages.send",
  "people.write",
  "people.export",
  "people.erase",
  "quarantine.write",
  "rules.write",
  "lanes.steer",
  "inbound.write",
  "platform.write",
  "archive",
  "tokens",
  "operators",
  "audit.read",
] as const satisfies readonly Right[];

export type OperatorState = "active" | "invited" | "invitation-over" | "locked" | "disabled";

/** The one thing about an operator that matters most: who is disabled does not get in, invited or locked. */
export function stateOf(
  operator: Pick<Operator, "disabled" | "hasPassword" | "invitedUntil" | "lockedUntil">,
  now: number,
): OperatorState {
  const ahead = (iso: string | null) => iso !== null && Date.parse(iso) > now;
  if (operator.disabled) return "disabled";
  if (!operator.hasPassword) return ahead(operator.invitedUntil) ? "invited" : "invitation-over";
  return ahead(operator.lockedUntil) ? "locked" : "active";
}

export const STATE_TONE: Record<OperatorState, Tone> = {
  active: "sent",
  invited: "waiting",
  "invitation-over": "retry",
  locked: "failed",
  disabled: "excluded",
};

export type OperatorDraft = {
  login: string;
  name: string;
  email: string;
  roles: readonly Role[];
  disabled: boolean;
  /** Ids. */
  groups: readonly string[];
};
export const emptyOperator: OperatorDraft = { login: "", name: "", email: "", roles: [], disabled: false, groups: [] };

export const draftOf = ({ login, name, email, roles, disabled, groups }: Operator): OperatorDraft => ({
  login,
  name,
  email,
  roles,
  disabled,
  groups: groups.map(({ id }) => id),
});

export const requestOf = ({ login, name, email, roles, disabled }: OperatorDraft) => ({
  login: login.trim(),
  name: name.trim(),
  email: email.trim(),
  roles,
  disabled,
});

export type GroupDraft = { name: string; roles: readonly Role[]; members: readonly string[] };
export const emptyGroup: GroupDraft = { name: "", roles: [], members: [] };

export const groupDraftOf = ({ name, roles, members }: OperatorGroup): GroupDraft => ({
  name,
  roles,
  members: members.map(({ id }) => id),
});

export const groupRequestOf = ({ name, roles, members }: GroupDraft) => ({ name: name.trim(), roles, members });

/** Groups that an operator was taken into or out of, each with the members that it is to have. */
export function changedGroups(
  operatorId: string,
  before: readonly string[],
  after: readonly string[],
  groups: readonly OperatorGroup[],
): { group: OperatorGroup; request: GroupDraft }[] {
  return groups
    .filter(({ id }) => before.includes(id) !== after.includes(id))
    .map((group) => {
      const others = group.members.map(({ id }) => id).filter((id) => id !== operatorId);
      const members = after.includes(group.id) ? [...others, operatorId] : others;
      return { group, request: { ...groupDraftOf(group), members } };
    });
}

export const errorsIn = <D extends object>(problem: Problem | null, draft: D): FieldErrors<keyof D & string> =>
  fieldErrors(problem, ([name]) => (name !== undefined && name in draft ? (name as keyof D & string) : null));

export type TokenDraft = { label: string; narrowed: boolean; scopes: readonly Right[]; expires: Expiry; on: string };
export const EXPIRIES = ["30", "90", "365", "date", "never"] as const;
export type Expiry = (typeof EXPIRIES)[number];
export const emptyToken: TokenDraft = { label: "", narrowed: false, scopes: [], expires: "90", on: "" };

const DAY_MS = 86_400_000;

/** What is not narrowed follows its owner, reserved rights included. A day that is named is over at its end, here. */
export function tokenRequestOf({ label, narrowed, scopes, expires, on }: TokenDraft, now: number) {
  const at = expires === "date" ? new Date(`${on}T23:59:59`).getTime() : now + Number(expires) * DAY_MS;
  return {
    label: label.trim(),
    ...(narrowed ? { scopes } : {}),
    ...(expires === "never" || Number.isNaN(at) ? {} : { expiresAt: new Date(at).toISOString() }),
  };
}

export type AuditSearch = AuditFilter & { line?: string | undefined };

const day = (value: unknown): string | undefined => {
  const word = text(value);
  return word !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(word) ? word : undefined;
};

export const auditSearch = (search: Record<string, unknown>): AuditSearch => ({
  actor: text(search["actor"]),
  resource: text(search["resource"]),
  id: text(search["id"]),
  action: text(search["action"]),
  address: text(search["address"]),
  since: day(search["since"]),
  until: day(search["until"]),
  line: text(search["line"]),
});

export const NO_AUDIT_FILTER = {
  actor: undefined,
  resource: undefined,
  id: undefined,
  action: undefined,
  address: undefined,
  since: undefined,
  until: undefined,
} satisfies AuditFilter;

export const isAuditFiltered = ({ line: _line, ...filter }: AuditSearch): boolean =>
  Object.values(filter).some((value) => value !== undefined);

/** Days as the browser's zone has them, the last one whole. */
export function auditFilterOf({ line: _line, since, until, ...filter }: AuditSearch): AuditFilter {
  const start = (iso: string, days: number) => {
    const date = new Date(`${iso}T00:00:00`);
    date.setDate(date.getDate() + days);
    return date.toISOString();
  };
  return {
    ...filter,
    since: since === undefined ? undefined : start(since, 0),
    until: until === undefined ? undefined : start(until, 1),
  };
}

/** A side of a change as a person reads it; undefined: it was not there. */
export const sideText = (value: unknown): string | undefined =>
  value === undefined || typeof value === "string" ? value : JSON.stringify(value, null, 1);
