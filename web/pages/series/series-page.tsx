/** One series, or a new one: what it copies and when, its next dates, and what became of those that have come. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Series } from "../../../src/contract/series.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, useEditor } from "../../parts/editor-page.tsx";
import { useMayWrite } from "../../parts/may.tsx";
import { deliveryQuery } from "../../queries.ts";
import { seriesPath, seriesQuery, SERIES_KEY } from "../../queries-series.ts";
import { NextDates } from "./next-dates.tsx";
import { newSeriesDraft, type SeriesDraft, seriesDraftOf, seriesErrors, seriesRequestOf } from "./series-draft.ts";
import { SeriesFacts } from "./series-facts.tsx";
import { SeriesFields } from "./series-fields.tsx";
import { SeriesRuns } from "./series-runs.tsx";

const route = getRouteApi("/series/$id");
const EVERY_MS = 15_000;

export function SeriesPage() {
  const { id } = route.useParams();
  const { delivery } = route.useSearch();
  if (id !== "new") return <Stored key={id} id={id} />;
  return delivery === undefined ? (
    <New key="new" delivery="" label="" />
  ) : (
    <Repeat key={delivery} delivery={delivery} />
  );
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/series">{t("series.title")}</Link>;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const mayWrite = useMayWrite();
  const query = useQuery({ ...seriesQuery(id), refetchInterval: EVERY_MS });
  if (query.data === undefined) return <EditorWaits title={t("series.title")} before={<Back />} query={query} />;
  if (!mayWrite) return <SeriesFacts series={query.data} before={<Back />} />;
  return <Editor stored={query.data} start={seriesDraftOf(query.data)} />;
}

/** A new series of a delivery that somebody wants to repeat. */
function Repeat({ delivery }: { delivery: string }) {
  const { t } = useTranslation();
  const query = useQuery(deliveryQuery(delivery));
  if (query.data === undefined) return <EditorWaits title={t("series.new")} before={<Back />} query={query} />;
  return <New delivery={delivery} label={query.data.label} />;
}

function New({ delivery, label }: { delivery: string; label: string }) {
  // What is proposed must not change at midnight, or when another page is shown meanwhile.
  const [start] = useState(() =>
    newSeriesDraft(Date.now(), Intl.DateTimeFormat().resolvedOptions().timeZone, delivery, label),
  );
  return <Editor stored={null} start={start} />;
}

function Editor({ stored, start }: { stored: Series | null; start: SeriesDraft }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useEditor({
    start,
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null
        ? post<Series>("/series", seriesRequestOf(typed))
        : put<Series>(seriesPath(stored.id), version, seriesRequestOf(typed)),
    onSaved: async (saved) => {
      client.setQueryData(seriesQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: SERIES_KEY });
      if (stored === null) await navigate({ to: "/series/$id", params: { id: saved.id }, search: {}, replace: true });
    },
  });
  const errors = seriesErrors(problem, draft);
  return (
    <>
      <EditorPage
        title={stored?.label ?? t("series.new")}
        before={<Back />}
        save={save}
        saveWord={t(stored === null ? "series.create" : "editor.save")}
        dirty={dirty || stored === null}
        errors={errors}
        acts={stored !== null && <Delete series={stored} />}
      >
        <SeriesFields draft={draft} set={set} errors={errors.fields} stored={stored} />
        {stored !== null && <NextDates series={stored} unsaved={dirty} />}
      </EditorPage>
      {stored !== null && <SeriesRuns series={stored} />}
    </>
  );
}

function Delete({ series: { id, label, version } }: { series: Series }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("series.deleteTitle", { label }),
        text: t("series.deleteText"),
        yes: t("series.delete"),
      }}
      path={seriesPath(id)}
      version={version}
      to="/series"
      list={SERIES_KEY}
      own={seriesQuery(id).queryKey}
    />
  );
}
