/** A dialog with fields or a question: what was refused, and the two buttons. */
import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import confirm from "./confirm.module.css";
import { Failure } from "./notice.tsx";

type Props = {
  title: string;
  /** Of the button that does it. */
  yes: string;
  /** False: something is still missing. */
  ready?: boolean;
  /** The button has the focus at first, because no field is to be filled in. */
  isQuestion?: boolean;
  /** Why it was refused; null: it was not, or a field says so. */
  error: unknown;
  busy: boolean;
  onYes: () => void;
  onClose: () => void;
  children: ReactNode;
};

export function FormDialog(props: Props) {
  const { title, yes, ready = true, isQuestion = false, error, busy, onYes, onClose, children } = props;
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
        className={confirm["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          onYes();
        }}
      >
        {children}
        {error !== null && <Failure error={error} />}
        <div className={confirm["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy} disabled={!ready} data-autofocus={isQuestion || undefined}>
            {yes}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
