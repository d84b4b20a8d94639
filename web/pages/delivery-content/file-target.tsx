/** A file whose rows are the target and become no profiles: chosen, mapped, read; what it came to; another one in its place. */
import { Button } from "@mantine/core";
import { IconFileCheck, IconReplace } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../../src/contract/index.ts";
import { ErrorsFile } from "../../parts/errors-file.tsx";
import { ImportCounts } from "../../parts/import-result.tsx";
import { useMay } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { RejectedRows } from "../../parts/rejected-rows.tsx";
import { attributesQuery } from "../../queries-audience.ts";
import { importQuery } from "../../queries.ts";
import { ChooseFile } from "../imports/choose-file.tsx";
import { ImportOutcome } from "../imports/import-outcome.tsx";
import { type ImportDraft, isReady } from "../imports/mapping.ts";
import { MappingFields } from "../imports/mapping-fields.tsx";
import { type Chosen, useLook, useRun } from "../imports/use-import.ts";
import css from "./content.module.css";
import type { FormProps } from "./field.ts";

export function FileTarget({ draft: { audienceId }, set, errors, readOnly }: FormProps) {
  const { t } = useTranslation();
  const may = useMay();
  const [replacing, setReplacing] = useState(false);
  const none = audienceId === "";
  const mayBring = !readOnly && may("people.write");
  const use = ({ id }: ImportStatus) => {
    set("audienceId", id);
    setReplacing(false);
  };
  return (
    <>
      {!none && <FileInUse id={audienceId} onReplace={mayBring && !replacing ? () => setReplacing(true) : null} />}
      {mayBring && (none || replacing) && <BringFile onRead={use} onKeep={none ? null : () => setReplacing(false)} />}
      {none && !mayBring && <p className="muted">{t("editor.fileForbidden")}</p>}
      {errors.audienceId !== undefined && (
        <p role="alert" className={css["refusal"]}>
          {errors.audienceId}
        </p>
      )}
    </>
  );
}

/** `onReplace` null: it stays. */
function FileInUse({ id, onReplace }: { id: string; onReplace: (() => void) | null }) {
  const { t } = useTranslation();
  const mayRead = useMay()("people.read");
  const query = useQuery({ ...importQuery(id), enabled: mayRead });
  const status = query.data;
  const refused = status === undefined ? 0 : status.counts.failed + status.counts.skipped;
  return (
    <section className={css["fileInUse"]} aria-label={t("editor.fileInUse")}>
      <div className={css["fileHead"]}>
        <IconFileCheck size={20} stroke={1.6} aria-hidden />
        {status === undefined ? <p>{t("editor.fileNumber", { id })}</p> : <ImportCounts status={status} />}
      </div>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {refused > 0 && (
        <details className={css["fileRows"]}>
          <summary>{t("editor.fileRows")}</summary>
          <RejectedRows id={id} />
        </details>
      )}
      <div className={css["bar"]}>
        {status !== undefined && <ErrorsFile status={status} />}
        {onReplace !== null && (
          <Button variant="default" leftSection={<IconReplace size={16} aria-hidden />} onClick={onReplace}>
            {t("editor.fileReplace")}
          </Button>
        )}
      </div>
    </section>
  );
}

type BringProps = {
  onRead: (status: ImportStatus) => void;
  /** Leaves the one that is in use; null: none is. */
  onKeep: (() => void) | null;
};

function BringFile({ onRead, onKeep }: BringProps) {
  const { t } = useTranslation();
  const { look, draft, setDraft, forget } = useLook();
  if (look.data !== undefined && draft !== null) {
    return <MapFile chosen={look.data} draft={draft} onChange={setDraft} onOther={forget} onRead={onRead} />;
  }
  return (
    <>
      <ChooseFile label={t("editor.fileChoose")} look={look} />
      {onKeep !== null && (
        <div className={css["bar"]}>
          <Button variant="default" onClick={onKeep}>
            {t("editor.fileKeep")}
          </Button>
        </div>
      )}
    </>
  );
}

type MapProps = {
  chosen: Chosen;
  draft: ImportDraft;
  onChange: (draft: ImportDraft) => void;
  onOther: () => void;
  onRead: (status: ImportStatus) => void;
};

function MapFile({ chosen, draft, onChange, onOther, onRead }: MapProps) {
  const { t } = useTranslation();
  const declared = useQuery(attributesQuery).data?.data ?? [];
  const { status, busy, error, start } = useRun(chosen, draft, { mode: "file" });
  useEffect(() => {
    if (status?.status === "completed") onRead(status);
    // Once for each file that was read, not for each new `onRead`.
  }, [status?.status, status?.id]);
  return (
    <>
      <p className={css["fileName"]}>{chosen.file.name}</p>
      <fieldset disabled={busy} className={css["plain"]}>
        <MappingFields draft={draft} look={chosen.look} declared={declared} onChange={onChange} rowsOnly />
      </fieldset>
      {error !== null && <Failure error={error} />}
      {status !== null && status.status !== "completed" && <ImportOutcome status={status} />}
      <div className={css["bar"]}>
        <Button variant="default" disabled={busy} onClick={onOther}>
          {t("wizard.other")}
        </Button>
        <Button disabled={!isReady(draft)} loading={busy} onClick={() => start(false)}>
          {t("editor.fileUse")}
        </Button>
      </div>
    </>
  );
}
