/** Pause, resume, stop: each asks first and tells what it does to how many messages. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconPlayerStop, type Icon } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Confirm, type Question } from "../../parts/confirm.tsx";
import { useMay } from "../../parts/may.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { deliveryQuery } from "../../queries.ts";
import { useToldErrors } from "../../parts/told-errors.ts";
import { ContinueButton } from "../delivery-live/continue-button.tsx";
import { useFigures } from "./use-figures.ts";
import { type Act, actsOf, consequence, isPlain, type PlainAct } from "./view-model.ts";

const ICON: Record<Act, Icon> = {
  pause: IconPlayerPause,
  resume: IconPlayerPlay,
  stop: IconPlayerStop,
  unschedule: IconArrowBackUp,
  "cancel-confirm": IconArrowBackUp,
};

type AskedAct = Exclude<Act, PlainAct>;

export function DeliveryActions({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const figures = useFigures(delivery.id);
  const [asking, setAsking] = useState<AskedAct | null>(null);

  const wireWords = (count: number) => t("confirm.wire", { count, n: formats.int(count) });
  const question = (act: AskedAct): Question => {
    const { wire, stay } = consequence(figures.data);
    const words = { wire: wireWords(wire), stay: formats.int(stay) };
    if (act === "resume") {
      const text = t("confirm.resumeText", { stay: t("confirm.stay", { count: stay, n: formats.int(stay) }) });
      return { title: t("confirm.resumeTitle"), text, yes: t("confirm.resumeYes") };
    }
    const text = t(wire > 0 ? `confirm.${act}Text` : `confirm.${act}TextNoWire`, words);
    const yes = act === "pause" ? t("confirm.pauseYes") : t("confirm.stopYes", { count: stay, n: formats.int(stay) });
    return { title: t(`confirm.${act}Title`), text, yes };
  };
  const done = (act: Act, wire: number) => {
    if (act === "resume") return t("confirm.resumedNote");
    if (isPlain(act)) return t("confirm.takenBackNote");
    const note = act === "pause" ? "paused" : "stopped";
    return wire > 0 ? t(`confirm.${note}Note`, { wire: wireWords(wire) }) : t(`confirm.${note}NoteNoWire`);
  };
  const mutation = useMutation({
    mutationFn: (act: Act) => post<Delivery>(`/deliveries/${delivery.id}/actions/${act}`),
    onSuccess: (answer, act) => {
      client.setQueryData(deliveryQuery(delivery.id).queryKey, answer);
      notifications.show({ message: done(act, answer.onWire ?? 0), color: "ink" });
    },
    onError: tellError,
    onSettled: () => setAsking(null),
  });
  const may = useMay();
  const acts = actsOf(delivery.state).filter((act) => may(act === "pause" ? "deliveries.write" : "deliveries.start"));
  return (
    <>
      <ContinueButton delivery={delivery} />
      {acts.map((act, index) => {
        const Glyph = ICON[act];
        return (
          <Button
            key={act}
            variant={index === acts.length - 1 && act !== "stop" ? "filled" : "default"}
            leftSection={<Glyph size={16} aria-hidden />}
            onClick={() => (isPlain(act) ? mutation.mutate(act) : setAsking(act))}
          >
            {t(`delivery.${act}`)}
          </Button>
        );
      })}
      <Confirm
        question={asking === null ? null : question(asking)}
        busy={mutation.isPending}
        onYes={() => asking !== null && mutation.mutate(asking)}
        onNo={() => setAsking(null)}
      />
    </>
  );
}
