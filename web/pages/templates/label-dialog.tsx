/** Asks what a template shall be called. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { FormDialog } from "../../parts/form-dialog.tsx";

type Props = {
  title: string;
  text?: string;
  yes: string;
  /** What the field says at first. */
  proposal: string;
  busy: boolean;
  error: unknown;
  onYes: (label: string) => void;
  onNo: () => void;
};

/** Drawn only while it is open, so that it starts anew each time. */
export function LabelDialog({ title, text, yes, proposal, busy, error, onYes, onNo }: Props) {
  const { t } = useTranslation();
  const [label, setLabel] = useState(proposal);
  return (
    <FormDialog
      title={title}
      yes={yes}
      ready={label.trim() !== ""}
      error={error}
      busy={busy}
      onYes={() => onYes(label.trim())}
      onClose={onNo}
    >
      {text !== undefined && <p className="muted">{text}</p>}
      <TextInput
        label={t("templates.label")}
        data-autofocus
        maxLength={500}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
