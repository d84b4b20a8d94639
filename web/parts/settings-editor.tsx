/** A part of the platform's settings as it is edited: read first, typed over one version, saved with all that other pages show. */
import { Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { put } from "../api.ts";
import { type StoredSettings, settingsQuery } from "../queries.ts";
import { useEditor } from "./editor-page.tsx";
import { Failure } from "./notice.tsx";

/** `head`: of the page, as long as there is nothing to edit. */
export function WithSettings({ head, children }: { head: ReactNode; children: (stored: StoredSettings) => ReactNode }) {
  const query = useQuery(settingsQuery);
  if (query.data !== undefined) return children(query.data);
  return (
    <>
      {head}
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton height={400} radius="md" />
      )}
    </>
  );
}

/** `requestOf`: all settings, with what was typed; what it throws is shown as a refusal. */
export function useSettingsEditor<D extends object>(
  stored: StoredSettings,
  start: D,
  requestOf: (draft: D) => Omit<StoredSettings, "version">,
) {
  const client = useQueryClient();
  return useEditor({
    start,
    version: stored.version,
    save: async (draft: D, version) => put<StoredSettings>("/settings", version, requestOf(draft)),
    onSaved: (saved) => void client.setQueryData(settingsQuery.queryKey, saved),
  });
}
