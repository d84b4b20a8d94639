/** A probe to the archive and what was said about it, word for word. */
import { Button } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { ArchiveTest } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import shared from "../../parts/form.module.css";
import { Failure } from "../../parts/notice.tsx";
import { archivePath } from "../../queries.ts";
import css from "./archive.module.css";

/** `unsaved`: what is typed is not what a test would use. */
export function TestPanel({ id, unsaved }: { id: string; unsaved: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => post<ArchiveTest>(`${archivePath(id)}/actions/test`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["archives", id, "audit"] }),
  });
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("archiveForm.test")}</legend>
      <div className={css["testHead"]}>
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={16} aria-hidden />}
          disabled={unsaved}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t("archiveForm.test")}
        </Button>
        <span className="muted">{t(unsaved ? "archiveForm.testUnsaved" : "archiveForm.testMeaning")}</span>
      </div>
      <div aria-live="polite">
        {test.isError && <Failure error={test.error} />}
        {test.data !== undefined && !test.isPending && <Result result={test.data} />}
      </div>
    </fieldset>
  );
}

function Result({ result: { ok, detail, dialogue } }: { result: ArchiveTest }) {
  const { t } = useTranslation();
  return (
    <div className={css["result"]} data-test={ok ? "ok" : "failed"}>
      <p className={css["resultHead"]}>
        <Badge
          tone={ok ? "sent" : "failed"}
          icon={ok ? IconCircleCheck : IconCircleX}
          word={t(ok ? "archiveForm.testOk" : "archiveForm.testFailed")}
        />
        {detail}
      </p>
      {dialogue.length > 0 && (
        <pre className={css["dialogue"]} role="log" aria-label={t("archiveForm.dialogue")} tabIndex={0}>
          {dialogue.join("\n")}
        </pre>
      )}
    </div>
  );
}
