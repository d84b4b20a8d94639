/** What `?` shows. */
import { Kbd, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import css from "./keys-help.module.css";

const ROWS = [
  { keys: ["/"], word: "search" },
  { keys: ["j", "k"], word: "rows" },
  { keys: ["Enter"], word: "open" },
  { keys: ["Esc"], word: "close" },
  { keys: ["g", "d"], word: "deliveries" },
  { keys: ["g", "m"], word: "messages" },
  { keys: ["g", "a"], word: "recipients" },
  { keys: ["g", "e"], word: "segments" },
  { keys: ["g", "i"], word: "imports" },
  { keys: ["g", "b"], word: "blocks" },
  { keys: ["g", "l"], word: "lanes" },
  { keys: ["g", "q"], word: "quarantine" },
  { keys: ["g", "u"], word: "unsubscriptions" },
  { keys: ["g", "r"], word: "bounces" },
  { keys: ["g", "n"], word: "inbound" },
  { keys: ["g", "o"], word: "domains" },
  { keys: ["g", "s"], word: "sandbox" },
  { keys: ["g", ","], word: "settings" },
  { keys: ["F9"], word: "preview" },
  { keys: ["?"], word: "help" },
] as const;

export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <dl className={css["keys"]}>
        {ROWS.map((row) => (
          <div key={row.word} className={css["row"]}>
            <dt>{t(`keys.${row.word}`)}</dt>
            <dd>
              {row.keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
