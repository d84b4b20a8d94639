/** A file imported step by step: chosen, its columns mapped, tried without changing anybody, imported. */
import { Button } from "@mantine/core";
import { IconArrowLeft, IconFileImport, IconTestPipe } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import form from "../../parts/form.module.css";
import { Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { attributesQuery } from "../../queries-audience.ts";
import { ChooseFile } from "./choose-file.tsx";
import { ImportOutcome } from "./import-outcome.tsx";
import css from "./imports.module.css";
import { type ImportDraft, isReady } from "./mapping.ts";
import { MappingFields } from "./mapping-fields.tsx";
import { type Chosen, useLook, useRun } from "./use-import.ts";

export function ImportWizard() {
  const { t } = useTranslation();
  const { look, draft, setDraft, forget } = useLook();
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
          <ChooseFile label={t("imports.new")} look={look} />
        </div>
      ) : (
        <Mapping key={chosen.file.name} chosen={chosen} draft={draft} onChange={setDraft} onOther={forget} />
      )}
    </>
  );
}

type MappingProps = { chosen: Chosen; draft: ImportDraft; onChange: (draft: ImportDraft) => void; onOther: () => void };

function Mapping({ chosen, draft, onChange, onOther }: MappingProps) {
  const { t } = useTranslation();
  const declared = useQuery(attributesQuery).data?.data ?? [];
  const run = useRun(chosen, draft);
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
          <MappingFields draft={draft} look={chosen.look} declared={declared} onChange={onChange} />
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
