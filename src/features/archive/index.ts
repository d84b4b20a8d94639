/** The archive: where copies of messages go, what is owed to it, and who is told when it is too much. */
export { openAlert, type NewAlert } from "./alerts.ts";
export { forgetArchived } from "./forget-archived.ts";
export { hideAddresses } from "./hide-addresses.ts";
export type { ArchiveTls, KnownArchive, KnownTarget } from "./known-archive.ts";
export { loadArchives } from "./load-archives.ts";
export { loadObjections } from "./objections.ts";
export { registerArchiveRoutes } from "./routes.ts";
export { ensureNamedArchive } from "./named-archive.ts";
export { loadArchiveCandidates } from "./store.ts";
export type { Probe, ProbeArchive } from "./test-archive.ts";
export { watchDebt } from "./watch-debt.ts";
