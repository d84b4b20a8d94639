/** What the editors of sources and of pools have in common: where they lead back to, and how what is typed is saved. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { post, put } from "../../api.ts";
import { useEditor } from "../../parts/editor-page.tsx";

export function BackToSources() {
  const { t } = useTranslation();
  return <Link to="/sending/sources">{t("sending.tab.sources")}</Link>;
}

type Saved<D, T> = {
  /** null: it is new. */
  stored: T | null;
  start: D;
  requestOf: (draft: D) => unknown;
  /** Where new ones are sent to. */
  list: string;
  pathOf: (id: string) => string;
  keyOf: (id: string) => QueryKey;
  /** What else tells of it and is asked for again. */
  stale: readonly QueryKey[];
  /** Shows one that was new until now. */
  open: (id: string) => Promise<void>;
};

export function useStoredEditor<D extends object, T extends { id: string; version: number }>(one: Saved<D, T>) {
  const client = useQueryClient();
  const { stored, requestOf } = one;
  return useEditor({
    start: one.start,
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null ? post<T>(one.list, requestOf(typed)) : put<T>(one.pathOf(stored.id), version, requestOf(typed)),
    onSaved: async (saved) => {
      client.setQueryData(one.keyOf(saved.id), saved);
      for (const queryKey of one.stale) void client.invalidateQueries({ queryKey });
      if (stored === null) await one.open(saved.id);
    },
  });
}
