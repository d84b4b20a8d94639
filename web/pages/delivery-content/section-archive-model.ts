/** What "E-mail BCC" decides: what the platform says where the delivery says nothing, and which archives can be chosen. */
import type { Archive, PlatformSettings, Settings } from "../../../src/contract/index.ts";

export type Bcc = Settings["archive"];
export type CopyTiming = NonNullable<Bcc["timing"]>;
export type PlatformBcc = { timing: CopyTiming; strict: boolean };

/** Until the settings are read: what they are on a fresh platform. */
export const platformBcc = (settings: PlatformSettings | undefined): PlatformBcc => ({
  timing: settings?.archive.timing ?? "before",
  strict: settings?.archive.strict ?? false,
});

export const chosenTiming = (value: Bcc, platform: PlatformBcc): CopyTiming => value.timing ?? platform.timing;

export type ArchiveChoice = { id: string; archive: Archive | null };

/** All archives there are, and those that the delivery names though they are gone: they keep it from being sent until taken away. */
export function archiveChoices(value: Bcc, archives: readonly Archive[]): ArchiveChoice[] {
  const gone = (value.archives ?? []).filter((id) => !archives.some((archive) => archive.id === id));
  return [...archives.map((archive) => ({ id: archive.id, archive })), ...gone.map((id) => ({ id, archive: null }))];
}
