/**
 * Addresses as CSV files: out of the quarantine and the allowlist page by page, and into them row by row. What comes out can go in
 * again. Columns are described in docs/quarantine.md.
 */
import { failingReasons, type AddressImport } from "../../contract/quarantine.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { CsvRow } from "../../core/csv/csv-parser.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { type ImportSource, readCsv } from "../audience/index.ts";
import { listAllowed } from "./allowlist-store.ts";
import { allow, type By, denylist, putIn } from "./change-by-hand.ts";
import { listEntries, type QuarantineFilter } from "./store.ts";

const PAGE = 5000;
const ERRORS = 100;
const SHOWN = 200;

type Reason = (typeof failingReasons)[number];
type Row = {
  readonly matchKey: string;
  readonly address: string;
  readonly status: "quarantined" | "denylisted";
  readonly reason: Reason;
  readonly note: string;
};

export async function* quarantineFile(db: Db, filter: QuarantineFilter): AsyncGenerator<string> {
  yield "email,status,reason,errors,provider,updated_at,reply\r\n";
  for (let after = ""; ; ) {
    const rows = await listEntries(db, filter, after, PAGE);
    let text = "";
    for (const { entry } of rows) {
      const { address, status, reason, errors, provider, updatedAt, errorText } = entry;
      text += lineOf([
        address,
        status,
        reason ?? "",
        String(errors),
        provider ?? "",
        updatedAt ?? "",
        shown(errorText ?? ""),
      ]);
    }
    if (text !== "") yield text;
    after = rows.at(-1)?.matchKey ?? "";
    if (rows.length < PAGE) return;
  }
}

export async function* allowlistFile(db: Db): AsyncGenerator<string> {
  yield "email,note,actor,at\r\n";
  for (let after = ""; ; ) {
    const rows = await listAllowed(db, after, PAGE);
    let text = "";
    for (const { entry } of rows) text += lineOf([entry.address, shown(entry.note), shown(entry.actor), entry.at]);
    if (text !== "") yield text;
    after = rows.at(-1)?.matchKey ?? "";
    if (rows.length < PAGE) return;
  }
}

const lineOf = (values: readonly string[]): string =>
  `${values.map((value) => (/[",;\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(",")}\r\n`;

/** Foreign text must be no formula where a spreadsheet opens the file. */
const shown = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Rows that cannot be taken are named; the others count, also when the file turns out to be broken further down. */
export async function importAddresses(
  db: Db,
  source: ImportSource,
  into: "quarantine" | "allowlist",
  by: By,
): Promise<AddressImport> {
  const result = { total: 0, taken: 0, failed: 0, errors: [] as AddressImport["errors"] };
  for await (const { header, rows } of readCsv(source)) {
    const names = header.names.map((name) => name.toLowerCase());
    const good: Row[] = [];
    for (const row of rows) {
      const read = readRow(row, names, header.address);
      result.total++;
      if (typeof read !== "string") good.push(read);
      else {
        result.failed++;
        const value = row.kind === "row" ? (row.fields[header.address] ?? "").slice(0, SHOWN) : "";
        if (result.errors.length < ERRORS) result.errors.push({ line: row.line, value, detail: read });
      }
    }
    if (good.length > 0) await db.transaction((tx) => take(tx, good, into, by));
    result.taken += good.length;
  }
  return result;
}

/** What is wrong with it, or what it says. */
function readRow(row: CsvRow, names: readonly string[], addressColumn: number): Row | string {
  if (row.kind !== "row") return row.detail;
  const valueOf = (name: string) => (row.fields[names.indexOf(name)] ?? "").trim();
  const address = parseAddress(row.fields[addressColumn] ?? "");
  if (address.kind !== "valid")
    return address.kind === "empty" ? "there is no address" : `the address ${address.reason}`;
  const status = valueOf("status") || "quarantined";
  if (status !== "quarantined" && status !== "denylisted")
    return `status ${status.slice(0, SHOWN)} is neither quarantined nor denylisted`;
  const given = valueOf("reason");
  const reason = failingReasons.find((each) => each === given) ?? "not-defined";
  const note = valueOf("note").replaceAll("\0", "").slice(0, 1000);
  return { matchKey: address.matchKey, address: address.address, status, reason, note };
}

async function take(tx: Tx, rows: readonly Row[], into: "quarantine" | "allowlist", by: By): Promise<void> {
  if (into === "allowlist") return allow(tx, rows, by);
  for (const reason of failingReasons) {
    const quarantined = rows.filter((row) => row.status === "quarantined" && row.reason === reason);
    if (quarantined.length > 0) await putIn(tx, quarantined, reason, "imported", by);
  }
  const denied = rows
    .filter((row) => row.status === "denylisted")
    .toSorted((a, b) => (a.matchKey < b.matchKey ? -1 : 1));
  for (const { matchKey, address, note } of denied) {
    const told = { actor: by.actor, note: note || by.note };
    await denylist(tx, { matchKey, address, reason: "imported", messageKey: null, at: by.at }, told);
  }
}
