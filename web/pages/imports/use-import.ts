/** How a file gets to the server: looked at first, for its columns; then read as its mapping says. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { FileLook, ImportOptionsGiven } from "../../../src/contract/audience-imports.ts";
import type { ImportStatus } from "../../../src/contract/index.ts";
import { post, upload } from "../../api.ts";
import { attributesQuery, ATTRIBUTES_KEY, LISTS_KEY, RECIPIENTS_KEY } from "../../queries-audience.ts";
import { importQuery, importsQuery } from "../../queries.ts";
import { draftOf, type ImportDraft, optionsOf, toDeclare } from "./mapping.ts";

/** The server looks at no more. */
const LOOK_BYTES = 64 * 1024;
const POLL_MS = 500;

export type Chosen = { file: File; look: FileLook };

/** The file that was chosen, and what is typed about it; both null before. */
export function useLook() {
  const [draft, setDraft] = useState<ImportDraft | null>(null);
  const look = useMutation({
    mutationFn: async (file: File): Promise<Chosen> => {
      const beginning = new File([file.slice(0, LOOK_BYTES)], file.name);
      return { file, look: await upload<FileLook>("/imports/actions/look", beginning, () => {}) };
    },
    onSuccess: (chosen) => setDraft(draftOf(chosen.look, chosen.file.name)),
  });
  const forget = () => {
    look.reset();
    setDraft(null);
  };
  return { look, draft, setDraft, forget };
}

/**
 * One attempt at a time, `fixed`: options that nobody chooses. What is to be declared is declared first, so that values are read by their
 * types.
 */
export function useRun({ file, look }: Chosen, draft: ImportDraft, fixed: Partial<ImportOptionsGiven> = {}) {
  const client = useQueryClient();
  const [dryRun, setDryRun] = useState(true);
  const [tried, setTried] = useState<ImportDraft | null>(null);
  const sending = useMutation({
    mutationFn: async (dry: boolean) => {
      const { data } = await client.fetchQuery(attributesQuery);
      for (const attribute of toDeclare(draft, data)) await post("/attributes", attribute);
      await client.invalidateQueries({ queryKey: ATTRIBUTES_KEY });
      return upload<ImportStatus>("/imports", file, () => {}, { ...optionsOf(draft, look.format, dry), ...fixed });
    },
  });
  const id = sending.data?.id;
  const reading = useQuery({
    ...importQuery(id ?? ""),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (isOver(state.data) ? false : POLL_MS),
  });
  const status = id === undefined ? null : (reading.data ?? sending.data ?? null);
  const over = isOver(status ?? undefined);
  useEffect(() => {
    if (!over) return;
    for (const queryKey of [importsQuery.queryKey, RECIPIENTS_KEY, LISTS_KEY]) {
      void client.invalidateQueries({ queryKey });
    }
  }, [over, id, client]);
  return {
    dryRun,
    status,
    draft: tried,
    busy: sending.isPending || (id !== undefined && !over && !reading.isError),
    error: sending.error ?? reading.error,
    start: (dry: boolean) => {
      setDryRun(dry);
      setTried(draft);
      sending.mutate(dry);
    },
  };
}

const isOver = (status: ImportStatus | undefined): boolean =>
  status?.status === "completed" || status?.status === "failed";
