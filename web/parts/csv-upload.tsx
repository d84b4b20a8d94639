/** Takes a CSV file by drop or choice, shows how far upload and reading are, and what was rejected. */
import { FileButton, Progress, UnstyledButton } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../src/contract/index.ts";
import { upload } from "../api.ts";
import { importQuery, importsQuery } from "../queries.ts";
import css from "./csv-upload.module.css";
import { ImportResult } from "./import-result.tsx";
import { Failure } from "./notice.tsx";

const POLL_MS = 500;

export function CsvUpload({ onDone }: { onDone?: (done: ImportStatus) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const [over, setOver] = useState(false);
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
  const over_ = status !== undefined && isOver(status);

  useEffect(() => {
    if (!over_ || status === undefined) return;
    void client.invalidateQueries({ queryKey: importsQuery.queryKey });
    if (status.status === "completed") onDone?.(status);
    // Once for each finished import, not for each new `onDone`.
  }, [over_, status?.id]);

  const take = (file: File | null | undefined) => file && sending.mutate(file);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const busy = sending.isPending || (status !== undefined && !over_);
  const name = sending.variables?.name ?? "";
  return (
    <div className={css["upload"]}>
      <div
        className={css["zone"]}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <IconUpload size={20} stroke={1.6} aria-hidden />
        {busy ? (
          <div className={css["busy"]} role="status">
            <span>{t(sending.isPending ? "upload.sending" : "upload.reading", { name })}</span>
            <Progress
              value={sending.isPending ? share * 100 : 100}
              animated={!sending.isPending}
              size="sm"
              color="var(--ink)"
              aria-label={t("upload.sending", { name })}
            />
          </div>
        ) : (
          <div>
            <p>
              {t("upload.drop")}{" "}
              <FileButton
                accept=".csv,.tsv,.txt,text/csv"
                onChange={take}
                inputProps={{ "aria-label": t("imports.new") }}
              >
                {(props) => (
                  <UnstyledButton {...props} className={css["choose"]}>
                    {t("upload.choose")}
                  </UnstyledButton>
                )}
              </FileButton>
            </p>
            <p className={css["hint"]}>{t("upload.hint")}</p>
          </div>
        )}
      </div>
      {sending.isError && <Failure error={sending.error} />}
      {reading.isError && id !== undefined && <Failure error={reading.error} onRetry={() => void reading.refetch()} />}
      {over_ && status !== undefined && <ImportResult status={status} />}
    </div>
  );
}

const isOver = (status: ImportStatus): boolean => status.status === "completed" || status.status === "failed";
