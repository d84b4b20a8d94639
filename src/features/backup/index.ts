/** Backups: everything that lasts in one file, and an installation made of it that sends nothing by itself. */
export { readManifest, restoreBackup, type Restored } from "./restore-backup.ts";
export { unsealKey } from "./sealed-key.ts";
export { type Backup, writeBackup } from "./write-backup.ts";
