/**
 * Brings one file, CSV or JSON lines, into the audience: read, check and stage row by row, then merge in one transaction. Killed at any
 * moment it leaves an import that says so and nothing else.
 */
import { pipeline } from "node:stream/promises";

import type { ImportStatus } from "../../contract/index.ts";
import { type Schema, schemaOf } from "../../core/audience/read-attributes.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError, AppError, errorCode, errorText } from "../../platform/errors.ts";
import { toProblem } from "../../platform/problem.ts";
import { loadAttributeSchema } from "./attribute-store.ts";
import { beginImport, copyIntoStaging, createStaging, endImport, failImport, findDeadImports } from "./import-store.ts";
import { type ImportRules, planColumns, UPSERT } from "./import-rules.ts";
import { mergeStaged } from "./merge-store.ts";
import { readCsv, type ImportSource } from "./read-csv.ts";
import { readJsonLines } from "./read-json-lines.ts";
import { createJsonStager } from "./stage-json.ts";
import { createRowStager, type RowStager } from "./stage-row.ts";
import { getImport } from "./store.ts";

type ImportProgress = {
  readonly phase: "reading" | "merging";
  /** Data rows and bytes read so far. */
  readonly rows: number;
  readonly bytes: number;
};

export type ImportOptions = {
  readonly now: () => Instant;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly rules?: ImportRules;
};

type Job = {
  readonly session: Tx;
  readonly source: ImportSource;
  readonly rules: ImportRules;
  readonly schema: Schema;
};

/** Resolves when the import is complete. For a file that cannot be imported, it is `failed` and the error is thrown. */
export async function importFile(db: Db, source: ImportSource, options: ImportOptions): Promise<ImportStatus> {
  const { done } = await startImport(db, source, options);
  return done;
}

/** Resolves as soon as the import exists; `done` settles as `importFile` does and may be left alone. */
export async function startImport(
  db: Db,
  source: ImportSource,
  options: ImportOptions,
): Promise<{ readonly id: number; readonly done: Promise<ImportStatus> }> {
  const begun = Promise.withResolvers<number>();
  const done = db.withClient(async (session) => {
    const id = await beginImport(session, source.fileName, options.rules ?? UPSERT, options.now());
    begun.resolve(id);
    await runImport(db, session, id, source, options);
    const status = await getImport(db, id);
    if (status === null) throw appError("not-found", { what: "import", id });
    return status;
  });
  done.catch(begun.reject);
  return { id: await begun.promise, done };
}

async function runImport(db: Db, session: Tx, id: number, source: ImportSource, options: ImportOptions): Promise<void> {
  try {
    await createStaging(session);
    const rules = options.rules ?? UPSERT;
    const attributes = await loadAttributeSchema(session);
    const job = { session, source, rules, schema: schemaOf(attributes) };
    const { columns, addressColumn, rows, bytes } = await (isJsonLines(job) ? stageJson : stageCsv)(job, options);
    options.onProgress?.({ phase: "merging", rows, bytes });
    const label = rules.label ?? source.fileName;
    const mayErase = isJsonLines(job) || attributes.some(({ type }) => type !== "text");
    const merge = { importId: id, label, rules, attributes, columns, addressColumn, mayErase, now: options.now() };
    await mergeStaged(session, merge);
  } catch (error) {
    const shown = asImportError(error, source.fileName);
    // On another connection, for this one may be what broke. Where that fails too, cleanUpImports does it later.
    await failImport(db, id, toProblem(shown), options.now()).catch(() => {});
    throw shown;
  } finally {
    await endImport(session, id).catch(() => {});
  }
}

/** `columns`: names that are known from now on, also where nobody has a value. */
type Staged = {
  readonly columns: readonly string[];
  readonly addressColumn: string;
  readonly rows: number;
  readonly bytes: number;
};

export const isJsonLines = ({
  rules,
  source,
}: Pick<Job, "rules"> & { readonly source: Pick<ImportSource, "fileName"> }): boolean =>
  rules.format === undefined ? /\.(jsonl|ndjson)$/i.test(source.fileName) : rules.format === "jsonl";

async function stageCsv({ session, source, rules, schema }: Job, options: ImportOptions): Promise<Staged> {
  let staged: Staged | null = null;
  let stager: RowStager | null = null;
  let known: Pick<Staged, "columns" | "addressColumn"> | null = null;
  await pipeline(async function* () {
    for await (const { header, rows, bytes } of readCsv(source, rules.address)) {
      if (stager === null || known === null) {
        const columns = planColumns(header, rules, schema);
        const addressColumn = header.names[header.address] ?? "";
        known = { columns: [addressColumn, ...columns.flatMap((column) => column?.attribute ?? [])], addressColumn };
        stager = createRowStager(header, columns, rules);
      }
      staged = { ...known, rows: (staged?.rows ?? 0) + rows.length, bytes };
      options.onProgress?.({ phase: "reading", rows: staged.rows, bytes });
      let lines = "";
      for (const row of rows) lines += stager.stage(row);
      if (lines !== "") yield Buffer.from(lines, "utf8");
    }
  }, copyIntoStaging(session));
  if (staged === null) throw appError("csv-empty", { file: source.fileName });
  return staged;
}

async function stageJson({ session, source, rules, schema }: Job, options: ImportOptions): Promise<Staged> {
  const stager = createJsonStager(rules, schema);
  const read = { rows: 0, bytes: 0 };
  await pipeline(async function* () {
    for await (const { rows, bytes } of readJsonLines(source)) {
      read.rows += rows.length;
      read.bytes = bytes;
      options.onProgress?.({ phase: "reading", ...read });
      const lines = rows.map((row) => stager.stage(row)).join("");
      if (lines !== "") yield Buffer.from(lines, "utf8");
    }
  }, copyIntoStaging(session));
  return { columns: stager.names(), addressColumn: rules.address ?? "email", ...read };
}

/** What an import ends with is always an error that its user can read. */
function asImportError(error: unknown, file: string): AppError {
  if (error instanceof AppError) return error;
  if (errorCode(error) === "53100" || errorCode(error) === "ENOSPC") {
    return appError("disk-full", { detail: errorText(error) });
  }
  return appError("import-interrupted", { file, detail: errorText(error) });
}

/** At the start of the program: imports whose process died are marked as failed. Those of living processes go on. */
export function cleanUpImports(db: Db, now: Instant): Promise<number> {
  return db.transaction(async (tx) => {
    const dead = await findDeadImports(tx);
    for (const { id, file_name: file } of dead) {
      const error = appError("import-interrupted", { file, detail: "the program ended before the import did" });
      await failImport(tx, id, toProblem(error), now);
    }
    return dead.length;
  });
}
