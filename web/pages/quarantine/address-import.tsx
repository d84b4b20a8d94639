/** A CSV file of addresses goes into the quarantine or onto the allowlist: how far it is, what it came to, the rows that were not taken. */
import { Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { AddressImport as Result } from "../../../src/contract/quarantine.ts";
import { upload } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { CsvDrop } from "../../parts/csv-drop.tsx";
import upload_ from "../../parts/csv-upload.module.css";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { ALLOWLIST_KEY, QUARANTINE_KEY } from "../../queries-quarantine.ts";
import css from "./quarantine.module.css";

type Row = Result["errors"][number];
const column = columnsOf<Row>();

type Props = { into: "quarantine" | "allowlist"; onClose: () => void };

export function AddressImport({ into, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const send = useMutation({
    mutationFn: (file: File) => upload<Result>(`/${into}/import`, file, setShare),
    onMutate: () => setShare(0),
    onSettled: async () => {
      // Also after a refusal: rows before the broken one have been taken.
      void client.invalidateQueries({ queryKey: ALLOWLIST_KEY });
      await client.invalidateQueries({ queryKey: QUARANTINE_KEY });
    },
  });
  const name = send.variables?.name ?? "";
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t(`addressImport.title.${into}`)}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: css["dialogTitle"] ?? "" }}
    >
      <div className={upload_["upload"]} aria-live="polite">
        <CsvDrop
          label={t("imports.new")}
          hint={t(`addressImport.hint.${into}`)}
          busy={send.isPending ? { name, share: share < 1 ? share : null } : null}
          onFile={(file) => send.mutate(file)}
        />
        {send.isError && <Failure error={send.error} />}
        {send.data !== undefined && !send.isPending && <Outcome name={name} result={send.data} />}
      </div>
    </Modal>
  );
}

function Outcome({ name, result }: { name: string; result: Result }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const columns = useMemo(() => rejectedColumns(t, formats), [t, formats]);
  const beyond = result.failed - result.errors.length;
  return (
    <div className={upload_["result"]}>
      <p className={upload_["counts"]}>
        <span>{t("upload.done", { name, total: formats.int(result.total) })}</span>
        <span>
          <b>{formats.int(result.taken)}</b> {t("addressImport.taken")}
        </span>
        <span className={result.failed > 0 ? upload_["rejected"] : undefined}>
          <b>{formats.int(result.failed)}</b> {t("upload.rejected")}
        </span>
      </p>
      {result.failed > 0 && (
        <DataTable
          label={t("upload.rejectedTitle")}
          columns={columns}
          rows={result.errors}
          rowId={(row) => String(row.line)}
          compact
          wrap
        />
      )}
      {beyond > 0 && (
        <p className={css["beyond"]}>{t("addressImport.more", { count: beyond, n: formats.int(beyond) })}</p>
      )}
    </div>
  );
}

function rejectedColumns(t: TFunction, formats: Formats): Columns<Row> {
  return [
    column.accessor("line", {
      header: t("imports.error.line"),
      meta: { num: true, width: "76px" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("value", {
      header: t("imports.error.value"),
      cell: (info) =>
        info.getValue() === "" ? (
          <span className="muted">{t("common.empty")}</span>
        ) : (
          <span className="mono">{info.getValue()}</span>
        ),
    }),
    column.accessor("detail", { header: t("imports.error.reason"), meta: { width: "46%" } }),
  ];
}
