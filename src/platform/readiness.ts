/** Whether this process can do its work: database, schema, clock. Asked by /readyz and by `envoi doctor`. */
import type { Instant } from "../core/time.ts";
import type { Db } from "./db.ts";
import { missingMigrations } from "./migrate.ts";

/** `run` gives null when all is well, else what is wrong. */
export type ReadinessCheck = { readonly name: string; run(): Promise<string | null> };

const MAX_SKEW_MS = 5000;

export function readinessChecks(db: Db, now: () => Instant): readonly ReadinessCheck[] {
  return [
    {
      name: "database",
      run: async () => {
        await db.query("select 1");
        return null;
      },
    },
    {
      name: "migrations",
      run: async () => {
        const missing = await missingMigrations(db);
        return missing.length === 0 ? null : `not applied: ${missing.join(", ")}`;
      },
    },
    {
      name: "clock",
      run: async () => {
        const [row] = await db.query<{ at: Instant }>("select clock_timestamp() as at");
        const skew = Math.abs(now() - (row?.at ?? 0));
        return skew <= MAX_SKEW_MS ? null : `differs from the database's by ${Math.round(skew / 1000)} s`;
      },
    },
  ];
}
