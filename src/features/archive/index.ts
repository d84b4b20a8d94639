export type { ArchiveTls, KnownArchive, KnownTarget } from "./known-archive.ts";
