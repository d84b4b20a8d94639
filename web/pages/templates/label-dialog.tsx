/** Asks what a template shall be called. */
import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Failure } from "../../parts/notice.tsx";
import css from "./templates.module.css";

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
    <Modal opened onClose={onNo} title={title} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form
        className={css["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (label.trim() !== "" && !busy) onYes(label.trim());
        }}
      >
        {text !== undefined && <p className="muted">{text}</p>}
        {error !== null && <Failure error={error} />}
        <TextInput
          label={t("templates.label")}
          data-autofocus
          maxLength={500}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <div className={css["acts"]}>
          <Button variant="default" onClick={onNo}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy} disabled={label.trim() === ""}>
            {yes}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
