/** The one primary button of the page, named by what it does next; sending asks first and says to how many. */
import { Button } from "@mantine/core";
import { IconChecklist, IconSend } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { deliveryQuery } from "../../queries.ts";
import type { Step } from "./view-model.ts";

type Props = { step: Step; delivery: Delivery; busy: boolean; onSave: () => void; onAnalyse: () => void };

export function StepButton({ step, delivery, busy, onSave, onAnalyse }: Props) {
  const { t } = useTranslation();
  switch (step.kind) {
    case "read-only":
      return null;
    case "save":
      return (
        <Button onClick={onSave} loading={busy} leftSection={<IconChecklist size={16} aria-hidden />}>
          {t("editor.saveAnalyse")}
        </Button>
      );
    case "analyse":
    case "analysing":
    case "blocked":
      return (
        <Button
          onClick={onAnalyse}
          loading={busy || step.kind === "analysing"}
          leftSection={<IconChecklist size={16} aria-hidden />}
        >
          {t("editor.analyse")}
        </Button>
      );
    case "send":
      return <SendButton people={step.people} delivery={delivery} />;
  }
}

function SendButton({ people, delivery }: { people: number; delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const navigate = useNavigate();
  const tellError = useToldErrors();
  const [asking, setAsking] = useState(false);
  const words = { count: people, n: formats.int(people) };
  const from =
    delivery.sender.name === "" ? delivery.sender.address : `${delivery.sender.name} <${delivery.sender.address}>`;
  const confirm = useMutation({
    mutationFn: () => post<Delivery>(`/deliveries/${delivery.id}/actions/confirm`, { toDeliver: people }),
    onSuccess: async (started) => {
      client.setQueryData(deliveryQuery(delivery.id).queryKey, started);
      await navigate({ to: "/deliveries/$id", params: { id: delivery.id } });
    },
    onError: tellError,
    onSettled: () => setAsking(false),
  });
  const { mode } = delivery.settings;
  const isLive = mode === "live";
  const question = isLive
    ? {
        title: t("confirm.sendTitle", { label: delivery.label }),
        text: t("confirm.sendText", { ...words, from }),
        yes: t("confirm.sendYes", words),
      }
    : {
        title: t("mode.startTitle", { label: delivery.label, mode: t(`mode.${mode}`) }),
        text: t(`mode.meaning.${mode}`),
        yes: t("mode.start", words),
      };
  return (
    <>
      <Button onClick={() => setAsking(true)} leftSection={<IconSend size={16} aria-hidden />}>
        {t(isLive ? "editor.send" : "mode.start", words)}
      </Button>
      <Confirm
        question={asking ? question : null}
        busy={confirm.isPending}
        onYes={() => confirm.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
  );
}
