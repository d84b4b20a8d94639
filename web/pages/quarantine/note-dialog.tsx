/** An act on addresses that is written into their history: its consequence, a note of who does it, and a button named by the act. */
import { Button, Modal, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import confirm from "../../parts/confirm.module.css";
import { Failure } from "../../parts/notice.tsx";
import css from "./quarantine.module.css";

type Props = {
  title: string;
  text: string;
  /** What the button says. */
  yes: string;
  busy: boolean;
  /** Why it was refused; null: it was not. */
  error: unknown;
  optional?: boolean;
  onYes: (note: string) => void;
  onNo: () => void;
  /** Fields that come before the note. */
  children?: ReactNode;
};

export function NoteDialog({ title, text, yes, busy, error, optional = false, onYes, onNo, children }: Props) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    onYes(note.trim());
  };
  return (
    <Modal
      opened
      onClose={onNo}
      title={title}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: css["dialogTitle"] ?? "" }}
    >
      <form onSubmit={send} className={css["dialog"]}>
        <p className={confirm["text"]}>{text}</p>
        {children}
        <NoteField value={note} onChange={setNote} optional={optional} autoFocus={children === undefined} />
        {error !== null && <Failure error={error} />}
        <div className={css["acts"]}>
          <Button variant="default" onClick={onNo}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {yes}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

type NoteProps = { value: string; onChange: (value: string) => void; optional?: boolean; autoFocus?: boolean };

export function NoteField({ value, onChange, optional = false, autoFocus = false }: NoteProps) {
  const { t } = useTranslation();
  return (
    <Textarea
      label={t("quarantine.note")}
      description={t(optional ? "quarantine.noteOptional" : "quarantine.noteHint")}
      autosize
      minRows={2}
      maxRows={6}
      maxLength={1000}
      required={!optional}
      value={value}
      data-autofocus={autoFocus || undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
