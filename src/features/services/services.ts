/** Makes, changes and removes services. */
import { randomBytes } from "node:crypto";

import type { Service, ServiceInput } from "../../contract/services.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { AppError, appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import type { TemplateMessages } from "../messages/index.ts";
import { LINK } from "./send-mails.ts";
import {
  deleteService,
  findService,
  findUsers,
  insertService,
  isNameTaken,
  lockService,
  type ServiceRow,
  updateService,
} from "./store.ts";

/** Bytes of the key in the address of a public page: nobody finds it by trying. */
const KEY_BYTES = 12;

const NO_TEMPLATES = { confirmationTemplate: null, welcomeTemplate: null, goodbyeTemplate: null } as const;
const TEMPLATES = Object.keys(NO_TEMPLATES) as (keyof typeof NO_TEMPLATES)[];

/** Throws `invalid-input`, `service-exists`. */
export async function createService(
  db: Db,
  shownBy: TemplateMessages["shownBy"],
  input: ServiceInput,
  now: Instant,
): Promise<ServiceRow> {
  await checkTemplates(shownBy, input, NO_TEMPLATES, now);
  const id = await insertService(db, input, randomBytes(KEY_BYTES).toString("base64url"), now);
  if (id === null) throw appError("service-exists", { name: input.name });
  return mustFindService(db, id);
}

/**
 * Templates that it has already may have gone since, and are no reason to refuse another change. Throws `invalid-input`, `service-exists`,
 * `version-conflict`.
 */
export async function changeService(
  db: Db,
  shownBy: TemplateMessages["shownBy"],
  { id, seen }: { readonly id: number; readonly seen: Seen },
  input: ServiceInput,
  now: Instant,
): Promise<ServiceRow> {
  await checkTemplates(shownBy, input, templatesOf(await mustFindService(db, id)), now);
  return db.transaction(async (tx) => {
    await lockService(tx, id);
    assertSeen((await mustFindService(tx, id)).version, seen, `service ${id}`);
    if (await isNameTaken(tx, input.name, id)) throw appError("service-exists", { name: input.name });
    await updateService(tx, id, input, now);
    return mustFindService(tx, id);
  });
}

type Templates = Pick<ServiceInput, keyof typeof NO_TEMPLATES>;

const idOrNull = (id: number | null) => (id === null ? null : String(id));

const templatesOf = (row: ServiceRow): Templates => ({
  confirmationTemplate: idOrNull(row.confirmation_template),
  welcomeTemplate: idOrNull(row.welcome_template),
  goodbyeTemplate: idOrNull(row.goodbye_template),
});

async function checkTemplates(
  shownBy: TemplateMessages["shownBy"],
  input: Templates,
  before: Templates,
  now: Instant,
): Promise<void> {
  for (const name of TEMPLATES) {
    const template = input[name];
    if (template === null || template === before[name]) continue;
    const fail = (code: string, message: string) =>
      appError("invalid-input", { detail: `/${name}: ${message}` }, [{ pointer: `/${name}`, code, message }]);
    const shown = await shownBy(template, now).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      const [first] = error.errors;
      throw fail(first?.code ?? error.code, first?.message ?? error.message);
    });
    if (name === "confirmationTemplate" && !shown.has(LINK))
      throw fail("link-missing", `The template does not show {{ recipient.${LINK} }}: nobody could confirm with it`);
  }
}

/** With its subscriptions and their history. Throws `service-in-use`, `version-conflict`. */
export function removeService(db: Db, id: number, seen: Seen): Promise<void> {
  return db.transaction(async (tx) => {
    await lockService(tx, id);
    assertSeen((await mustFindService(tx, id)).version, seen, `service ${id}`);
    const users = await findUsers(tx, id);
    if (users.length > 0) throw appError("service-in-use", { id, users: users.join(", ") });
    await deleteService(tx, id);
  });
}

export async function mustFindService(db: Queryable, id: number): Promise<ServiceRow> {
  const service = await findService(db, id);
  if (service === null) throw appError("not-found", { what: "service", id });
  return service;
}

/** `publicUrl`: base of all public addresses. */
export function presentService(row: ServiceRow, publicUrl: string): Service {
  return {
    id: String(row.id),
    name: row.name,
    description: row.description,
    doubleOptIn: row.double_opt_in,
    durationDays: row.duration_days,
    public: row.is_public,
    ...templatesOf(row),
    publicUrl: row.is_public ? `${publicUrl}/s/${row.public_key}` : null,
    subscribed: row.subscribed,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}
