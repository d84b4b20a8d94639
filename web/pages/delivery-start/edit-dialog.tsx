/** A dialog that changes one of the delivery's settings: fields, what was refused, and the two buttons. */
import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import confirm from "../../parts/confirm.module.css";
import { Failure } from "../../parts/notice.tsx";
import css from "./start.module.css";

type Props = {
  title: string;
  /** Why it was refused; null: it was not. */
  error: unknown;
  busy: boolean;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
};

export function EditDialog({ title, error, busy, onSave, onClose, children }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: confirm["title"] ?? "" }}
    >
      <form
        className={css["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          onSave();
        }}
      >
        {children}
        {error !== null && <Failure error={error} />}
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {t("start.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
