/** The question before sending: to whom, from whom, how long it can be called back; above a limit the number is typed. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import confirm from "../../parts/confirm.module.css";
import { useFormats } from "../../parts/use-now.ts";
import { deliveryPath, settingsQuery } from "../../queries.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { NumberField } from "./number-field.tsx";
import { takeAnswer } from "./queries.ts";
import { asksForNumber, readNumber } from "./view-model.ts";

type Props = { people: number; delivery: Delivery; onClose: () => void };

export function SendDialog({ people, delivery, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: settings } = useQuery(settingsQuery);
  const [typed, setTyped] = useState("");
  const words = useWords(people, delivery, settings?.sender);
  const asks = asksForNumber(people, settings?.start?.countAbove);
  const undo = Number.parseInt(settings?.start?.undo ?? "0", 10);
  const send = useMutation({
    mutationFn: () => post<Delivery>(`${deliveryPath(delivery.id)}/actions/confirm`, { toDeliver: people }),
    onSuccess: async (started) => {
      takeAnswer(client, started);
      await navigate({ to: "/deliveries/$id", params: { id: delivery.id } });
    },
  });
  return (
    <FormDialog
      title={words.title}
      yes={words.yes}
      ready={settings !== undefined && (!asks || readNumber(typed) === people)}
      isQuestion={!asks}
      error={send.error}
      busy={send.isPending}
      onYes={() => send.mutate()}
      onClose={onClose}
    >
      <p className={confirm["text"]}>{words.text}</p>
      {undo > 0 && <p className="muted">{t("start.undo", { count: undo })}</p>}
      {asks && <NumberField people={people} value={typed} onChange={setTyped} />}
    </FormDialog>
  );
}

function useWords(
  people: number,
  { label, sender, settings: { mode } }: Delivery,
  platform: { name: string; address: string } = { name: "", address: "" },
) {
  const { t } = useTranslation();
  const formats = useFormats();
  const words = { count: people, n: formats.int(people) };
  const [name, address] = [sender.name || platform.name, sender.address || platform.address];
  const from = name === "" ? address : `${name} <${address}>`;
  return mode === "live"
    ? {
        title: t("confirm.sendTitle", { label }),
        text: t("confirm.sendText", { ...words, from }),
        yes: t("confirm.sendYes", words),
      }
    : {
        title: t("mode.startTitle", { label, mode: t(`mode.${mode}`) }),
        text: t(`mode.meaning.${mode}`),
        yes: t("mode.start", words),
      };
}
