/** A secret that is shown once: a dialog that does not close by a click beside it. */
import { Button, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Copy } from "../../parts/copy.tsx";
import css from "./operators.module.css";

type Props = { title: string; text: string; label: string; value: string; onSeen: () => void };

export function ShownOnce({ title, text, label, value, onSeen }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onSeen} title={title} withCloseButton={false} closeOnClickOutside={false} size="lg">
      <div className={css["once"]}>
        <p>{text}</p>
        <Copy value={value} label={label} />
        <div className={css["acts"]}>
          <Button onClick={onSeen} data-autofocus>
            {t("access.kept")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
