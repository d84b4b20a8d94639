/** A file imported step by step: chosen, its columns mapped, tried without changing anybody, imported. */
import { Button } from "@mantine/core";
import { IconArrowLeft, IconFileImport, IconTestPipe } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { FileLook } from "../../../src/contract/audience-imports.ts";
import type { ImportStatus } from "../../../src/contract/index.ts";
import { post, upload } from "../../api.ts";
import { CsvDrop } from "../../parts/csv-drop.tsx";
import form from "../../parts/form.module.css";
import { Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { attributesQuery, ATTRIBUTES_KEY, LISTS_KEY, RECIPIENTS_KEY } from "../../queries-audience.ts";
import { importQuery, importsQuery } from "../../queries.ts";
import { ImportOutcome } from "./import-outcome.tsx";
import css from "./imports.module.css";
import { draftOf, type ImportDraft, isReady, optionsOf, toDeclare } from "./mapping.ts";
import { MappingFields } from "./mapping-fields.tsx";

/** The server looks at no more. */
const LOOK_BYTES = 64 * 1024;
const POLL_MS = 500;
const JSON_LINES = ".jsonl,.ndjson";

type Chosen = { file: File; look: FileLook };

export function ImportWizard() {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<ImportDraft | null>(null);
  const look = useMutation({
    mutationFn: async (file: File): Promise<Chosen> => {
      const beginning = new File([file.slice(0, LOOK_BYTES)], file.name);
      return { file, look: await upload<FileLook>("/imports/actions/look", beginning, () => {}) };
    },
    onSuccess: (chosen) => setDraft(draftOf(chosen.look, chosen.file.name)),
  });
  const chosen = look.data;
  return (
    <>
      <PageHead
        title={chosen?.file.name ?? t("wizard.title")}
        before={<Link to="/imports">{t("imports.title")}</Link>}
      />
      {chosen === undefined || draft === null ? (
        <div className={form["form"]}>
          <p className="muted">{t("wizard.intro")}</p>
          <CsvDrop
            label={t("imports.new")}
            hint={t("wizard.hint")}
            also={JSON_LINES}
            busy={look.isPending ? { name: look.variables.name, share: null } : null}
            onFile={(file) => look.mutate(file)}
          />
          {look.isError && <Failure error={look.error} />}
        </div>
      ) : (
        <Mapping
          key={chosen.file.name}
          chosen={chosen}
          draft={draft}
          onChange={setDraft}
          onOther={() => {
            look.reset();
            setDraft(null);
          }}
        />
      )}
    </>
  );
}

type MappingProps = { chosen: Chosen; draft: ImportDraft; onChange: (draft: ImportDraft) => void; onOther: () => void };

function Mapping({ chosen: { file, look }, draft, onChange, onOther }: MappingProps) {
  const { t } = useTranslation();
  const declared = useQuery(attributesQuery).data?.data ?? [];
  const run = useRun(file, look, draft);
  const ready = isReady(draft);
  const tried = run.status !== null && run.status.dryRun && run.status.status === "completed" && run.draft === draft;
  const done = run.status !== null && !run.status.dryRun && run.status.status === "completed";
  const button = (dryRun: boolean) => ({
    disabled: !ready || run.busy,
    loading: run.busy && run.dryRun === dryRun,
    onClick: () => run.start(dryRun),
  });
  return (
    <div className={form["form"]}>
      {!done && (
        <fieldset disabled={run.busy} className={css["plain"]}>
          <MappingFields draft={draft} look={look} declared={declared} onChange={onChange} />
        </fieldset>
      )}
      {run.error !== null && <Failure error={run.error} />}
      {run.status !== null && <ImportOutcome status={run.status} stale={run.draft !== draft} />}
      <div className={css["acts"]}>
        {done ? (
          <Button variant="default" onClick={onOther}>
            {t("wizard.another")}
          </Button>
        ) : (
          <>
            <Button
              variant="default"
              leftSection={<IconArrowLeft size={16} aria-hidden />}
              disabled={run.busy}
              onClick={onOther}
            >
              {t("wizard.other")}
            </Button>
            <Button
              variant={tried ? "default" : "filled"}
              leftSection={<IconTestPipe size={16} aria-hidden />}
              {...button(true)}
            >
              {t("wizard.try")}
            </Button>
            <Button
              variant={tried ? "filled" : "default"}
              leftSection={<IconFileImport size={16} aria-hidden />}
              {...button(false)}
            >
              {t("wizard.run")}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

/** One attempt at a time; what is to be declared is declared first, so that values are read by their types. */
function useRun(file: File, look: FileLook, draft: ImportDraft) {
  const client = useQueryClient();
  const [dryRun, setDryRun] = useState(true);
  const [tried, setTried] = useState<ImportDraft | null>(null);
  const sending = useMutation({
    mutationFn: async (dry: boolean) => {
      const { data } = await client.fetchQuery(attributesQuery);
      for (const attribute of toDeclare(draft, data)) await post("/attributes", attribute);
      await client.invalidateQueries({ queryKey: ATTRIBUTES_KEY });
      return upload<ImportStatus>("/imports", file, () => {}, optionsOf(draft, look.format, dry));
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
