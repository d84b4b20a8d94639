/** Makes, changes and removes services. */
import { randomBytes } from "node:crypto";

import type { Service, ServiceInput } from "../../contract/services.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
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

/** Throws `service-exists`. */
export async function createService(db: Db, input: ServiceInput, now: Instant): Promise<ServiceRow> {
  const id = await insertService(db, input, randomBytes(KEY_BYTES).toString("base64url"), now);
  if (id === null) throw appError("service-exists", { name: input.name });
  return mustFindService(db, id);
}

/** Throws `service-exists`, `version-conflict`. */
export function changeService(db: Db, id: number, input: ServiceInput, seen: Seen, now: Instant): Promise<ServiceRow> {
  return db.transaction(async (tx) => {
    await lockService(tx, id);
    assertSeen((await mustFindService(tx, id)).version, seen, `service ${id}`);
    if (await isNameTaken(tx, input.name, id)) throw appError("service-exists", { name: input.name });
    await updateService(tx, id, input, now);
    return mustFindService(tx, id);
  });
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
    publicUrl: row.is_public ? `${publicUrl}/s/${row.public_key}` : null,
    subscribed: row.subscribed,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}
