/**
 * Names of zips and of copies inside them. A zip holds copies of one hour and lies apart, as with the incumbent:
 *
 *   archives/2026-05-04/13h-0001.zip
 *   archives/2026-05-04/13h-0001.zip#42-1207-5-sent.eml     one of its copies, named 2026-05-04/13h/42-1207-5-sent.eml before
 */
import { parseCopyName } from "./copy-name.ts";

export type ZipName = {
  /** `2026-05-04/13h`: of the copies in it. */
  readonly folder: string;
  /** From 1. */
  readonly number: number;
};

export type ZippedCopy = {
  readonly zip: string;
  /** The name of the copy when it was a file, folder included. */
  readonly name: string;
};

export function formatZipName({ folder, number }: ZipName): string {
  return `archives/${folder}-${String(number).padStart(4, "0")}.zip`;
}

/** Null for whatever `formatZipName` did not write. */
export function parseZipName(zip: string): ZipName | null {
  const match = /^archives\/(\d{4}-\d\d-\d\d\/\d\dh)-(\d{4}|[1-9]\d{4,6})\.zip$/.exec(zip);
  const number = Number(match?.[2] ?? 0);
  return match?.[1] && number > 0 ? { folder: match[1], number } : null;
}

/** `name`: of a copy of the zip's hour. */
export function formatZipped({ zip, name }: ZippedCopy): string {
  return `${zip}#${name.slice(name.lastIndexOf("/") + 1)}`;
}

/** Null for whatever `formatZipped` did not write. */
export function parseZipped(location: string): ZippedCopy | null {
  const hash = location.indexOf("#");
  if (hash < 0) return null;
  const zip = location.slice(0, hash);
  const folder = parseZipName(zip)?.folder;
  const name = `${folder}/${location.slice(hash + 1)}`;
  return folder !== undefined && parseCopyName(name) ? { zip, name } : null;
}
