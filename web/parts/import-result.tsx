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
  const formats = useFormats();
  const { counts } = status;
  if (status.status === "failed") {
    const fallback = { type: "about:blank", title: "", status: 0, detail: "", code: "unknown" };
    const problem = status.error ?? { ...fallback, title: t("upload.failed", { name: status.fileName }) };
    return <Failure error={new ApiProblem(problem)} />;
  }
  return (
    <div className={css["result"]}>
      <p className={css["counts"]}>
        <span>{t("upload.done", { name: status.fileName, total: formats.int(counts.total) })}</span>
        {(["created", "updated", "skipped"] as const).map((name) => (
          <span key={name}>
            <b>{formats.int(counts[name])}</b> {t(`upload.${name}`)}
          </span>
        ))}
        <span className={counts.failed > 0 ? css["rejected"] : undefined}>
          <b>{formats.int(counts.failed)}</b> {t("upload.rejected")}
        </span>
      </p>
      {counts.failed > 0 && <RejectedRows id={status.id} />}
    </div>
  );
}
