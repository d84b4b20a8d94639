/** "Does it take copies?": a message that is clearly a probe goes to the archive, and the dialogue is shown. */
import type { ArchiveTest } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { formatCopyName, folderOf } from "../../core/archive/copy-name.ts";
import { toByteString } from "../../core/message/utf8.ts";
import { formatMailDate, type Instant } from "../../core/time.ts";
import { recordArchiveEvent } from "../../platform/archive-events.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { loadSettings } from "../settings/index.ts";
import type { KnownArchive } from "./known-archive.ts";
import { openArchive } from "./load-archives.ts";
import { findArchive } from "./store.ts";
import { randomInt, randomUUID } from "node:crypto";

export type Probe = {
  /** Return path and author. */
  readonly from: string;
  /** Each character is a byte; CRLF line ends, no line that begins with a dot. */
  readonly message: string;
  /** Of folders and object stores: the name of no message that there could be. */
  readonly name: string;
};

/** Hands the probe to the archive and takes it away again where that is possible. Never rejects for what the archive does. */
export type ProbeArchive = (archive: KnownArchive, probe: Probe) => Promise<ArchiveTest>;

export type TestDeps = { readonly db: Db; readonly masterKey: MasterKey; readonly probe: ProbeArchive };

export async function testArchive(
  { db, masterKey, probe }: TestDeps,
  id: number,
  actor: string,
  now: Instant,
): Promise<ArchiveTest> {
  const row = await findArchive(db, id);
  if (row === null) throw appError("not-found", { what: "archive", id });
  const archive = openArchive(masterKey, row);
  const { errorAddress } = await loadSettings(db);
  const test = await probe(archive, composeProbe(archive, errorAddress, now));
  const detail = { ok: test.ok, detail: test.detail };
  await recordArchiveEvent(db, { archive: id, kind: "tested", actor, at: now, detail });
  return test;
}

/** More than any delivery or part will ever have. */
const NOBODY = 999_999_999_999_999;

function composeProbe({ name, target }: KnownArchive, errorAddress: string, now: Instant): Probe {
  const to = target.kind === "smtp" ? target.address.envelope : "archive@probe.invalid";
  // A personalised error address is one only in messages.
  const own = parseAddress(errorAddress);
  const from = own.kind === "valid" && !own.needsSmtpUtf8 ? own.envelope : to;
  const key = { partId: NOBODY, seq: randomInt(1_000_000_000) };
  const lines = [
    `Date: ${formatMailDate(now)}`,
    `From: ${from}`,
    `To: ${to}`,
    "Subject: Envoi: probe of an archive",
    `Message-ID: <probe.${randomUUID()}@${from.slice(from.lastIndexOf("@") + 1)}>`,
    // RFC 3834 §5: nobody answers to it.
    "Auto-Submitted: auto-generated",
    "X-Envoi-Probe: 1",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    `This is a probe: somebody tests the archive "${name}". It is no copy of a message and may be deleted.`,
  ];
  return {
    from,
    message: lines.map((line) => `${toByteString(line)}\r\n`).join(""),
    name: formatCopyName({ folder: folderOf(now), deliveryId: NOBODY, key, progress: "made" }),
  };
}
