/** Erasing a person: for good, so it is confirmed by typing the address; then what must be erased outside is listed. */
import { Button, Modal, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { RecipientDetail } from "../../../src/contract/audience-recipients.ts";
import type { Erasure } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import confirm from "../../parts/confirm.module.css";
import { FormGroup } from "../../parts/editor-page.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { recipientPath, recipientQuery, RECIPIENTS_KEY } from "../../queries-audience.ts";
import css from "./recipients.module.css";

export function Erase({ recipient: { id, address } }: { recipient: RecipientDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const erase = useMutation({ mutationFn: () => post<Erasure>(`${recipientPath(id)}/actions/erase`) });
  const leave = async () => {
    await navigate({ to: "/recipients" });
    client.removeQueries({ queryKey: recipientQuery(id).queryKey });
    await client.invalidateQueries({ queryKey: RECIPIENTS_KEY });
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === address) erase.mutate();
  };
  const close = () => (erase.isSuccess ? void leave() : setAsking(false));
  return (
    <FormGroup title={t("erase.title")}>
      <div className={css["danger"]}>
        <p className="muted">{t("erase.meaning")}</p>
        <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsking(true)}>
          {t("erase.open")}
        </Button>
      </div>
      <Modal
        opened={asking}
        onClose={close}
        title={t("erase.question", { address })}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {erase.data !== undefined ? (
          <Erased erasure={erase.data} onSeen={() => void leave()} />
        ) : (
          <form onSubmit={send}>
            <p className={confirm["text"]}>{t("erase.text")}</p>
            <TextInput
              mt={12}
              label={t("erase.type", { address })}
              autoComplete="off"
              data-autofocus
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            {erase.isError && <Failure error={erase.error} />}
            <div className={confirm["acts"]}>
              <Button variant="default" onClick={close}>
                {t("common.cancel")}
              </Button>
              <Button type="submit" loading={erase.isPending} disabled={typed.trim() !== address}>
                {t("erase.yes")}
              </Button>
            </div>
          </form>
        )}
      </Modal>
    </FormGroup>
  );
}

function Erased({ erasure, onSeen }: { erasure: Erasure; onSeen: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { copies, copiesTotal, messages } = erasure;
  return (
    <div className={css["result"]} role="status">
      <p>{t("erase.done", { count: messages, n: formats.int(messages) })}</p>
      {copies.length > 0 && (
        <>
          <p>{t("erase.copies", { count: copiesTotal, n: formats.int(copiesTotal) })}</p>
          <ul className={css["misfits"]}>
            {copies.map(({ archiveId, archiveName, key, location }) => (
              <li key={`${archiveId} ${key}`} className="mono">
                {[archiveName, key, location].filter((part) => part !== null && part !== "").join(" · ")}
              </li>
            ))}
          </ul>
        </>
      )}
      <div className={confirm["acts"]}>
        <Button onClick={onSeen}>{t("common.close")}</Button>
      </div>
    </div>
  );
}
