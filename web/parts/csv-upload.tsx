/** Imports a CSV file of recipients: shows how far upload and reading are, and what was rejected. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../src/contract/index.ts";
import { upload } from "../api.ts";
import { importQuery, importsQuery } from "../queries.ts";
import { CsvDrop } from "./csv-drop.tsx";
import css from "./csv-upload.module.css";
import { ImportResult } from "./import-result.tsx";
import { Failure } from "./notice.tsx";

const POLL_MS = 500;

export function CsvUpload({ onDone }: { onDone?: (done: ImportStatus) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const sending = useMutation({
    mutationFn: (file: File) => upload<ImportStatus>("/imports", file, setShare),
    onMutate: () => setShare(0),
  });
  const id = sending.data?.id;
  const reading = useQuery({
    ...importQuery(id ?? ""),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : POLL_MS),
  });
  const status = id === undefined ? undefined : (reading.data ?? sending.data);
  const over = status !== undefined && isOver(status);

  useEffect(() => {
    if (!over || status === undefined) return;
    void client.invalidateQueries({ queryKey: importsQuery.queryKey });
    if (status.status === "completed") onDone?.(status);
    // Once for each finished import, not for each new `onDone`.
  }, [over, status?.id]);

  const busy = sending.isPending || (status !== undefined && !over);
  return (
    <div className={css["upload"]}>
      <CsvDrop
        label={t("imports.new")}
        hint={t("upload.hint")}
        busy={busy ? { name: sending.variables?.name ?? "", share: sending.isPending ? share : null } : null}
        onFile={(file) => sending.mutate(file)}
      />
      {sending.isError && <Failure error={sending.error} />}
      {reading.isError && id !== undefined && <Failure error={reading.error} onRetry={() => void reading.refetch()} />}
      {over && status !== undefined && <ImportResult status={status} />}
    </div>
  );
}

const isOver = (status: ImportStatus): boolean => status.status === "completed" || status.status === "failed";
