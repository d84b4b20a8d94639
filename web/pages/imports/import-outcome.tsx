/** How an import or its try ended: counts, rejected rows, the file of errors, where its people are, taking it back. */
import { Button, Progress } from "@mantine/core";
import { IconAlertTriangle, IconArrowBackUp, IconCircleCheck, IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { ErrorsFile } from "../../parts/errors-file.tsx";
import { ImportResult } from "../../parts/import-result.tsx";
import { May } from "../../parts/may.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { importQuery, importsQuery } from "../../queries.ts";
import css from "./imports.module.css";

/** `stale`: something was changed since. */
export function ImportOutcome({ status, stale = false }: { status: ImportStatus; stale?: boolean }) {
  const { t } = useTranslation();
  const over = status.status === "completed" || status.status === "failed";
  if (!over) {
    return (
      <div role="status" className={css["outcome"]}>
        <span>{t("upload.reading", { name: status.fileName })}</span>
        <Progress
          value={100}
          animated
          size="sm"
          color="var(--ink)"
          aria-label={t("upload.reading", { name: status.fileName })}
        />
      </div>
    );
  }
  return (
    <div className={css["outcome"]} data-stale={stale || undefined}>
      {status.dryRun && status.status === "completed" && (
        <Notice
          tone={stale ? "waiting" : "sent"}
          icon={stale ? IconAlertTriangle : IconCircleCheck}
          title={t(stale ? "wizard.stale" : "wizard.tried")}
        />
      )}
      <ImportResult status={status} />
      <OutcomeActs status={status} />
      <Undone status={status} />
    </div>
  );
}

function OutcomeActs({ status }: { status: ImportStatus }) {
  const { t } = useTranslation();
  const { id, dryRun, mode, listId, undo } = status;
  const isUsable = status.status === "completed" && !dryRun && undo.state === "none";
  return (
    <div className={css["acts"]}>
      <ErrorsFile status={status} />
      {isUsable && listId !== null && (
        <Button
          component={Link}
          to="/recipients"
          search={{ list: listId } as never}
          variant="default"
          leftSection={<IconUsers size={16} aria-hidden />}
        >
          {t("wizard.people")}
        </Button>
      )}
      {isUsable && (
        <May right="deliveries.write">
          <Button
            component={Link}
            to="/deliveries/new"
            search={(mode === "file" ? { file: id } : { import: id }) as never}
            variant="default"
          >
            {t("imports.use")}
          </Button>
        </May>
      )}
      {isUsable && (
        <May>
          <Undo id={id} until={undo.until} />
        </May>
      )}
    </div>
  );
}

function Undo({ id, until }: { id: string; until: string | null }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(60);
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const undo = useMutation({
    mutationFn: () => post<ImportStatus>(`/imports/${encodeURIComponent(id)}/actions/undo`),
    onSuccess: (status) => {
      client.setQueryData(importQuery(id).queryKey, status);
      return client.invalidateQueries({ queryKey: importsQuery.queryKey });
    },
    onError: useToldErrors(),
    onSettled: () => setAsking(false),
  });
  if (until === null || Date.parse(until) < now) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} aria-hidden />}
        title={t("wizard.undoUntil", { until: formats.moment(until) })}
        onClick={() => setAsking(true)}
      >
        {t("wizard.undo")}
      </Button>
      <Confirm
        question={asking ? { title: t("wizard.undoTitle"), text: t("wizard.undoText"), yes: t("wizard.undo") } : null}
        busy={undo.isPending}
        onYes={() => undo.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
  );
}

function Undone({ status: { undo } }: { status: ImportStatus }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (undo.state === "none") return null;
  const words = {
    restored: formats.int(undo.restored),
    removed: formats.int(undo.removed),
    kept: formats.int(undo.kept),
  };
  return (
    <Notice
      tone={undo.state === "completed" ? "excluded" : "waiting"}
      icon={IconArrowBackUp}
      title={t(undo.state === "completed" ? "wizard.undone" : "wizard.undoing")}
    >
      <p>{t("wizard.undoCounts", words)}</p>
    </Notice>
  );
}
