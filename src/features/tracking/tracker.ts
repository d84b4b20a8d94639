/** Tracking of one web process: its keys, its links, its files of events and what brings them into the database. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import type { Instant } from "../../core/time.ts";
import type { ArchiveSignal } from "../../core/tracking/classify.ts";
import { readTag, readToken, type Tagged, type Token, type TokenKeys } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { createArchiveReaders } from "./archive-readers.ts";
import { createCommitter } from "./committer.ts";
import type { TrackingEvent } from "./event.ts";
import { openLinkTable, type LinkTable } from "./link-table.ts";
import { loadScanners } from "./load-scanners.ts";
import { archiveByToken, recogniseArchive } from "./recognise-archive.ts";
import { openSpool } from "./spool.ts";
import { isLook, readVisitor, unseenVisitor } from "./visitor.ts";

export type TrackerDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  readonly dataDir: string;
  /** Base of public links: over TLS, cookies go back over TLS only. */
  readonly publicUrl: string;
  readonly keys: TokenKeys;
  /** For keys that were made since. */
  readonly reloadKeys: () => Promise<TokenKeys>;
};

/** A reaction outside the links and the pixel. */
export type NewReaction = {
  readonly token: Pick<Token, "deliveryId" | "partId" | "seq" | "mark">;
  readonly kind: "mirror" | "opt-out";
  /** Null: it came by mail. */
  readonly request: FastifyRequest | null;
  /** Gets the cookie; null: none is set. */
  readonly reply: FastifyReply | null;
  /** What `recogniseArchive` answered, where that decided whether anything was done; absent: not asked. */
  readonly archive?: readonly ArchiveSignal[];
};

export type TrackerFigures = {
  /** Events on their way into the database. */
  readonly waiting: number;
  /** Events that found no room on a full disk, or that the database refused. */
  readonly lost: number;
};

export type Tracker = {
  /** Null: no token of ours. */
  readToken(text: string): Promise<Token | null>;
  readTag(text: string): Promise<Tagged | null>;
  /**
   * Before something is done for a recipient: by what this request is known as one of an archive that has a copy; empty: by
   * nothing, or it cannot be known yet. `request` null: it came by mail. Rejects when the database is away.
   */
  recogniseArchive(
    token: Pick<Token, "partId" | "seq" | "mark">,
    request: FastifyRequest | null,
  ): Promise<readonly ArchiveSignal[]>;
  /** Resolves when the reaction is safe; never rejects. What stands in a preview or is only a look is not recorded. */
  recordReaction(reaction: NewReaction): Promise<void>;
  figures(): TrackerFigures;
  /** Stores what is waiting, or leaves it in its files when the database is away. */
  close(): Promise<void>;
};

/** What the routes of this feature need besides. */
export type LinkTracker = Tracker & {
  readonly log: Log;
  readonly now: () => Instant;
  readonly links: Pick<LinkTable, "find">;
  record(event: Omit<TrackingEvent, "id" | "at" | "person" | "ip" | "userAgent">, visit: Visit | null): Promise<void>;
};

type Visit = { readonly request: FastifyRequest; readonly reply: FastifyReply | null };

const RELOAD_EVERY_MS = 1000;

/** Throws `config-invalid` for broken rules. */
export async function startTracker(deps: TrackerDeps): Promise<LinkTracker> {
  const { db, log, now } = deps;
  const scanners = loadScanners(deps.dataDir);
  const links = await openLinkTable(db, log);
  const spool = openSpool(join(deps.dataDir, "tracking"), log);
  const readers = createArchiveReaders(db);
  const committer = createCommitter({ db, log, now, spool, scanners, readers });
  const keys = keyRing(deps);
  const secure = deps.publicUrl.startsWith("https:");
  const process = randomBytes(6).toString("base64url");
  let taken = 0;

  const record: LinkTracker["record"] = async (facts, visit) => {
    if (visit !== null && isLook(visit.request)) return;
    const visitor = visit === null ? unseenVisitor() : readVisitor(visit.request, visit.reply, secure);
    const event: TrackingEvent = { id: `${process}-${taken++}`, at: now(), ...facts, ...visitor };
    committer.note(event);
    await spool.add(event);
  };
  return {
    log,
    now,
    links,
    record,
    readToken: (text) => keys.read((ring) => readToken(ring, text)),
    readTag: (text) => keys.read((ring) => readTag(ring, text)),
    recogniseArchive: (token, request) => recogniseArchive(db, readers, token, request, now()),
    recordReaction: async ({ token: { deliveryId, partId, seq, mark }, kind, request, reply, archive = null }) => {
      if (mark === "preview") return;
      // By mail, or by a button: a program that follows links does neither.
      const posted = request === null || request.method === "POST";
      // Without the database the page is counted all the same, only not at its link.
      const delivery = await links.find(deliveryId).catch(() => null);
      const link = delivery?.pages[kind] ?? 0;
      const message = { deliveryId, partId, seq };
      const facts = { kind, ...message, link, honeypot: false, posted, archive: archiveByToken(mark) ?? archive };
      await record(facts, request && { request, reply });
    },
    figures: () => {
      const { waiting, lost } = spool.figures();
      return { waiting, lost: lost + committer.refused() };
    },
    close: async () => {
      await links.close();
      await committer.close();
      spool.close();
    },
  };
}

/** Whatever cannot be read may be of a key that was made since: the keys are read again, once a second at most. */
function keyRing({ keys, reloadKeys, log }: TrackerDeps) {
  let ring = keys;
  let reloadedAt = -Infinity;
  let reloading: Promise<void> = Promise.resolve();
  const reload = async () => {
    try {
      ring = await reloadKeys();
    } catch (error) {
      log.warn({ error: errorText(error) }, "token keys could not be read again");
    }
  };
  return {
    async read<T>(decode: (ring: TokenKeys) => T | null): Promise<T | null> {
      const value = decode(ring);
      if (value !== null) return value;
      if (performance.now() - reloadedAt > RELOAD_EVERY_MS) {
        reloadedAt = performance.now();
        reloading = reload();
      }
      await reloading;
      return decode(ring);
    },
  };
}
