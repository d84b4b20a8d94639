/** Takes one CSV file by drop or choice, and shows how far it is. */
import { FileButton, Progress, UnstyledButton } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import css from "./csv-upload.module.css";

type Props = {
  /** What the file button is called. */
  label: string;
  /** Which columns the file has. */
  hint: string;
  /** The file under way; null: none is. `share` of it has left (0 to 1), null: it is being read. */
  busy: { name: string; share: number | null } | null;
  onFile: (file: File) => void;
  /** Kinds of files besides CSV. */
  also?: string;
};

const CSV = ".csv,.tsv,.txt,text/csv";

export function CsvDrop({ label, hint, busy, onFile, also }: Props) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const take = (file: File | null | undefined) => file && onFile(file);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (busy === null) take(event.dataTransfer.files[0]);
  };
  return (
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
      {busy === null ? (
        <div>
          <p>
            {t("upload.drop")}{" "}
            <FileButton
              accept={also === undefined ? CSV : `${CSV},${also}`}
              onChange={take}
              inputProps={{ "aria-label": label }}
            >
              {(props) => (
                <UnstyledButton {...props} className={css["choose"]}>
                  {t("upload.choose")}
                </UnstyledButton>
              )}
            </FileButton>
          </p>
          <p className={css["hint"]}>{hint}</p>
        </div>
      ) : (
        <div className={css["busy"]} role="status">
          <span>{t(busy.share === null ? "upload.reading" : "upload.sending", { name: busy.name })}</span>
          <Progress
            value={busy.share === null ? 100 : busy.share * 100}
            animated={busy.share === null}
            size="sm"
            color="var(--ink)"
            aria-label={t("upload.sending", { name: busy.name })}
          />
        </div>
      )}
    </div>
  );
}
