/** What an import came to: its counts, and its rejected rows with line, column, value and reason. */
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../src/contract/index.ts";
import { ApiProblem } from "../api.ts";
import css from "./csv-upload.module.css";
import { Failure } from "./notice.tsx";
import { RejectedRows } from "./rejected-rows.tsx";
import { useFormats } from "./use-now.ts";

export function ImportResult({ status }: { status: ImportStatus }) {
  const { t } = useTranslation();
  if (status.status === "failed") {
    const fallback = { type: "about:blank", title: "", status: 0, detail: "", code: "unknown" };
    const problem = status.error ?? { ...fallback, title: t("upload.failed", { name: status.fileName }) };
    return <Failure error={new ApiProblem(problem)} />;
  }
  return (
    <div className={css["result"]}>
      <ImportCounts status={status} />
      {status.counts.failed > 0 && <RejectedRows id={status.id} />}
    </div>
  );
}

/** Of rows that became no profiles, only what was wrong with them is counted. */
export function ImportCounts({ status: { fileName, mode, counts } }: { status: ImportStatus }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const told = mode === "file" ? [] : (["created", "updated", "skipped"] as const);
  return (
    <p className={css["counts"]}>
      <span>{t("upload.done", { name: fileName, total: formats.int(counts.total) })}</span>
      {told.map((name) => (
        <span key={name}>
          <b>{formats.int(counts[name])}</b> {t(`upload.${name}`)}
        </span>
      ))}
      {mode === "file" && (
        <span>
          <b>{formats.int(counts.skipped)}</b> {t("upload.repeated")}
        </span>
      )}
      <span className={counts.failed > 0 ? css["rejected"] : undefined}>
        <b>{formats.int(counts.failed)}</b> {t("upload.rejected")}
      </span>
    </p>
  );
}
