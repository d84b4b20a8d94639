/**
 * Who may do what: rights are words, a role is a set of them, an operator has the rights of all roles that they or their groups
 * have. Which route needs which right is route-rights.ts. After the named rights of campaign tools: preparing a delivery and
 * starting it are two rights, so are importing people, exporting and erasing them.
 */

/** Each with what it opens, for people. */
export const RIGHT_MEANINGS = {
  "reports.read": "sees deliveries and their figures, no single person",
  "content.read": "sees templates, blocks, files and previews",
  "people.read": "sees recipients, the log of messages, quarantine and inbound mail",
  "platform.read": "sees sources, lanes, domains, rules, mailboxes and archives",
  "content.write": "changes templates, blocks and files",
  "deliveries.write": "prepares deliveries: creates, edits, analyses, pauses and deletes them",
  "deliveries.start": "starts, resumes, paces and stops deliveries",
  "deliveries.approve": "gives the approvals asked of them",
  "people.write": "changes and imports recipients and lists",
  "people.export": "takes recipients, quarantine and allowlist out as files",
  "people.erase": "erases people (privacy requests)",
  "quarantine.write": "changes quarantine, denylist and allowlist",
  "rules.write": "changes bounce rules, texts of replies and typologies",
  "lanes.steer": "pins, suspends and releases lanes, steers warm-up",
  "messages.send": "sends single messages",
  "inbound.write": "hands in mail that came back",
  "platform.write": "changes settings, sources, domains, mailboxes, shaping rules",
  archive: "sees where copies go, and changes it",
  tokens: "makes API tokens of their own",
  operators: "manages operators, groups, everybody's sessions and tokens",
  "audit.read": "reads the audit log",
} as const;

export type Right = keyof typeof RIGHT_MEANINGS;
export const RIGHTS = Object.keys(RIGHT_MEANINGS) as [Right, ...Right[]];

/** Null: all rights, also those that later versions know. */
export type Rights = readonly Right[] | null;

/** What a token does not have unless it says so; all other rights are ordinary. */
export const RESERVED = ["archive", "operators", "audit.read"] as const satisfies readonly Right[];
type Reserved = (typeof RESERVED)[number];

const isReserved = (right: Right): right is Reserved => (RESERVED as readonly Right[]).includes(right);

const READING = ["reports.read", "content.read", "people.read", "platform.read"] as const;
const PREPARING = [
  ...READING,
  "content.write",
  "deliveries.write",
  "deliveries.approve",
  "people.write",
  "tokens",
] as const;

export const ROLE_RIGHTS = {
  administrator: null,
  "delivery-operator": [
    ...PREPARING,
    "deliveries.start",
    "people.export",
    "quarantine.write",
    "rules.write",
    "lanes.steer",
    "messages.send",
  ],
  "campaign-manager": PREPARING,
  "content-contributor": ["reports.read", "content.read", "content.write", "deliveries.approve"],
  reports: ["reports.read"],
} as const satisfies Record<string, Rights>;

export type Role = keyof typeof ROLE_RIGHTS;
export const ROLES = Object.keys(ROLE_RIGHTS) as [Role, ...Role[]];

export function rightsOfRoles(roles: readonly Role[]): Rights {
  const sets: readonly Rights[] = roles.map((role) => ROLE_RIGHTS[role]);
  if (sets.includes(null)) return null;
  const have = new Set(sets.flatMap((set) => set ?? []));
  return RIGHTS.filter((right) => have.has(right));
}

/** `rights`: reserved ones beside the ordinary, null for all; `scopes` narrows them, null does not. */
export type TokenGrant = { readonly rights: readonly string[] | null; readonly scopes: readonly string[] | null };

/** `owner`: rights that the token's operator has now; null when it has all, or belongs to nobody. */
export function rightsOfToken({ rights, scopes }: TokenGrant, owner: Rights): Rights {
  if (rights === null && scopes === null) return owner;
  const granted = RIGHTS.filter((right) => rights === null || !isReserved(right) || rights.includes(right));
  const narrowed = scopes === null ? granted : granted.filter((right) => scopes.includes(right));
  return owner === null ? narrowed : narrowed.filter((right) => owner.includes(right));
}

export function holds(rights: Rights, right: Right): boolean {
  return rights === null || rights.includes(right);
}

/** The first of the wanted rights that the holder lacks, "all" when all are wanted; null: nobody gets more than the giver has. */
export function missingToGive(holder: Rights, wanted: Rights): Right | "all" | null {
  if (holder === null) return null;
  if (wanted === null) return "all";
  return wanted.find((right) => !holder.includes(right)) ?? null;
}
