/** Archives with all that sending a copy needs: targets read, secrets opened. */
import { isLoopback } from "../../core/address/is-loopback.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { parseDuration } from "../../core/time.ts";
import type { Relay } from "../../platform/config.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, unseal } from "../../platform/seal.ts";
import type { ArchiveTls, KnownArchive, KnownTarget } from "./known-archive.ts";
import { parseServer } from "./parse-server.ts";
import { type ArchiveRow, listArchives, type StoredTarget } from "./store.ts";

/** All that are not removed, disabled ones too: what was confirmed with them is still owed. Throws `secret-key-wrong`. */
export async function loadArchives(db: Queryable, masterKey: MasterKey): Promise<KnownArchive[]> {
  return (await listArchives(db)).map((row) => openArchive(masterKey, row));
}

export function openArchive(masterKey: MasterKey, row: ArchiveRow): KnownArchive {
  const { id, name, enabled, rule, version } = row;
  return { id, name, enabled, rule, version, target: readTarget(row.target, openSecret(masterKey, row)) };
}

function openSecret(masterKey: MasterKey, { id, name, sealed_secret: sealed }: ArchiveRow): string | null {
  if (sealed === null) return null;
  const secret = unseal(masterKey, sealed, contextOf(id));
  if (secret === null) throw appError("secret-key-wrong", { what: `the secret of the archive "${name}"` });
  return secret.toString("utf8");
}

export function readTarget(target: StoredTarget, secret: string | null): KnownTarget {
  switch (target.kind) {
    case "smtp": {
      const { kind, connections, ratePerMinute = null, returnPath = null } = target;
      const address = parseAddress(target.address);
      if (address.kind !== "valid") throw new Error("an archive was saved with an address that is none");
      const server = readServer(target, secret);
      return { kind, address, server, tls: readTls(target.tls, server), connections, ratePerMinute, returnPath };
    }
    case "files": {
      const { kind, zip, zipBatch, directory = null, purgeAfter } = target;
      return {
        kind,
        directory,
        zip,
        zipBatch,
        purgeAfter: purgeAfter === undefined ? null : parseDuration(purgeAfter),
      };
    }
    case "s3":
      return { ...target, secretAccessKey: secret ?? "" };
  }
}

function readServer(target: Extract<StoredTarget, { kind: "smtp" }>, password: string | null): Relay | null {
  if (target.server === undefined) return null;
  const server = parseServer(target.server);
  if (server === null) throw new Error("an archive was saved with a server that is none");
  return { ...server, implicitTls: target.tls === "implicit", user: target.user ?? null, password };
}

/** A password goes over the network encrypted or not at all. */
function readTls(tls: ArchiveTls, server: Relay | null): ArchiveTls {
  const isGuarded = tls !== "opportunistic" || server === null || server.user === null || isLoopback(server.host);
  return isGuarded ? tls : "required";
}

/** Where a sealed secret belongs: under another archive's id it does not open. */
export const contextOf = (id: number) => `archives/${id}`;
