/** What `envoi doctor` says of PostgreSQL: its version, settings that cost data or speed, and whether its clock is ours. */
import type { Db } from "../platform/db.ts";
import type { Finding } from "./finding.ts";

const CLOCK_TOLERANCE_MS = 5000;
/** Of one process with all roles and one sender, with some to spare; each further sender wants eight. */
const CONNECTIONS_LEAST = 40;

type Row = {
  version: string;
  now: number;
  connections: number;
  settings: Record<string, string>;
};

/** What a setting has to be, and what happens else. */
const WANTED: readonly {
  readonly name: string;
  readonly not: string;
  readonly level: Finding["level"];
  readonly why: string;
}[] = [
  { name: "fsync", not: "off", level: "error", why: "a power cut may destroy the database; switch it on" },
  { name: "full_page_writes", not: "off", level: "error", why: "a power cut may destroy the database; switch it on" },
  { name: "autovacuum", not: "off", level: "warning", why: "tables grow without end; switch it on" },
  { name: "track_counts", not: "off", level: "warning", why: "autovacuum does not know what to do; switch it on" },
  {
    name: "default_transaction_read_only",
    not: "on",
    level: "error",
    why: "nothing can be written: this may be a standby",
  },
  {
    name: "server_encoding",
    not: "SQL_ASCII",
    level: "error",
    why: "texts are not checked; make the database with UTF8",
  },
];

export async function checkDatabase({ db }: { readonly db: Db }): Promise<Finding[]> {
  const before = Date.now();
  const [row] = await db.query<Row>(
    `select current_setting('server_version') as version, clock_timestamp() as now,
            current_setting('max_connections')::int as connections,
            (select jsonb_object_agg(name, setting) from pg_settings where name = any($1)) as settings`,
    [WANTED.map(({ name }) => name)],
  );
  if (!row) throw new Error("the database says nothing about itself");
  const skew = Math.abs(row.now - (before + Date.now()) / 2);
  return [
    { check: "database", level: "ok", detail: `PostgreSQL ${row.version}` },
    ...settingsOf(row),
    skew > CLOCK_TOLERANCE_MS
      ? {
          check: "clock",
          level: "error",
          detail: `this machine and the database differ by ${Math.round(skew / 1000)} s; synchronise both`,
        }
      : { check: "clock", level: "ok", detail: "agrees with the database" },
  ];
}

function settingsOf({ settings, connections }: Row): Finding[] {
  const wrong = WANTED.filter(({ name, not }) => settings[name] === not).map(
    ({ name, not, level, why }): Finding => ({ check: "database", level, detail: `${name} is ${not}`, advice: why }),
  );
  if (connections >= CONNECTIONS_LEAST) return wrong;
  const advice = `senders and pages wait for each other; set max_connections to ${CONNECTIONS_LEAST} or more`;
  return [...wrong, { check: "database", level: "warning", detail: `max_connections is ${connections}`, advice }];
}
