/** The question before an act that cannot be taken back: title, consequence, and a button named by the act. */
import { Button, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import css from "./confirm.module.css";

export type Question = { title: string; text: string; yes: string };

type Props = { question: Question | null; busy: boolean; onYes: () => void; onNo: () => void };

export function Confirm({ question, busy, onYes, onNo }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={question !== null}
      onClose={onNo}
      title={question?.title}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: css["title"] ?? "" }}
    >
      <p className={css["text"]}>{question?.text}</p>
      <div className={css["acts"]}>
        <Button variant="default" onClick={onNo}>
          {t("common.cancel")}
        </Button>
        <Button onClick={onYes} loading={busy} data-autofocus>
          {question?.yes}
        </Button>
      </div>
    </Modal>
  );
}
