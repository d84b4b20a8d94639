/** What `envoi doctor` says of archives: one line each, without leaving anything there. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

import { loadArchives, type KnownArchive } from "../features/archive/index.ts";
import type { Relay } from "../platform/config.ts";
import { errorCode, errorText } from "../platform/errors.ts";
import type { Finding } from "./finding.ts";
import type { Ground } from "./ground.ts";

const PATIENCE_MS = 5000;

export async function checkArchives({
  db,
  masterKey,
  config,
}: Pick<Ground, "db" | "masterKey" | "config">): Promise<Finding[]> {
  try {
    const archives = await loadArchives(db, masterKey);
    return await Promise.all(archives.map((archive) => checkArchive(archive, config.dataDir)));
  } catch (error) {
    return [{ check: "archives", level: "error", detail: errorText(error) }];
  }
}

async function checkArchive({ name, enabled, target }: KnownArchive, dataDir: string): Promise<Finding> {
  const say = (level: Finding["level"], detail: string): Finding => ({ check: `archive ${name}`, level, detail });
  if (!enabled) return say("ok", "disabled");
  if (target.kind === "s3") return say("ok", `${target.endpoint}; envoi archive test tries it`);
  if (target.kind === "smtp") {
    if (target.server === null) return say("ok", "by the mail servers of its address; envoi archive test tries them");
    const problem = await connectTo(target.server);
    const place = `${target.server.host}:${target.server.port}`;
    return problem === null
      ? say("ok", `${place} answers`)
      : say("warning", `${place}: ${problem}; copies are owed meanwhile`);
  }
  const directory = target.directory ?? join(dataDir, "archive");
  try {
    await access(directory, constants.W_OK);
    return say("ok", directory);
  } catch (error) {
    // Made with the first copy.
    if (errorCode(error) === "ENOENT" && target.directory === null) return say("ok", `${directory}, not needed so far`);
    return say("warning", `${directory} cannot be written (${errorCode(error)}); copies are owed meanwhile`);
  }
}

/** Null: somebody answers there. */
function connectTo({ host, port }: Relay): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const done = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => done(null));
    socket.once("timeout", () => done("no answer"));
    socket.once("error", (error) => done(errorText(error)));
  });
}
