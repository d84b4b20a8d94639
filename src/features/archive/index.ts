/** The archive: where copies of messages go, what is owed to it, and who is told when it is too much. */
export { openAlert, type NewAlert } from "./alerts.ts";
export { forgetArchived } from "./forget-archived.ts";
export { hideAddresses, hideAddressesIn } from "./hide-addresses.ts";
export type { ArchiveTls, KnownArchive, KnownTarget } from "./known-archive.ts";
export { loadArchives } from "./load-archives.ts";
export { loadObjections } from "./objections.ts";
export { registerArchiveRoutes } from "./routes.ts";
export { ensureNamedArchive } from "./named-archive.ts";
export { loadArchiveCandidates } from "./store.ts";
export { testArchive, type Probe, type ProbeArchive } from "./test-archive.ts";
export { watchDebt } from "./watch-debt.ts";
export { createCopyRate } from "./copy-rate.ts";
export { readLedger } from "./read-ledger.ts";
export { chooseArchive } from "./verify/choose-archive.ts";
export { isProven, type VerifyReport } from "./verify/report.ts";
export type { ArchiveName } from "./verify/store.ts";
export { loadVerifiable, verifyArchive } from "./verify/verify-archive.ts";
