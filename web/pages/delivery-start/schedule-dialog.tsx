/** A date on which the delivery begins by itself, by the clocks of a zone, and the latest time at which it still may. */
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { ApiProblem, post } from "../../api.ts";
import confirm from "../../parts/confirm.module.css";
import { fieldErrors } from "../../parts/field-errors.ts";
import { Failure } from "../../parts/notice.tsx";
import { deliveryPath, settingsQuery } from "../../queries.ts";
import { NumberField } from "./number-field.tsx";
import { takeAnswer } from "./queries.ts";
import css from "./start.module.css";
import { asksForNumber, firstDate, readNumber, timeZones } from "./view-model.ts";

type Props = { people: number; delivery: Delivery; onClose: () => void };
type Field = "at" | "zone" | "notLaterThan";

const FIELDS: readonly string[] = ["at", "zone", "notLaterThan"] satisfies Field[];

export function ScheduleDialog({ people, delivery, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: settings } = useQuery(settingsQuery);
  const [draft, setDraft] = useState(() => draftOf(delivery));
  const [typed, setTyped] = useState("");
  const zones = useMemo(() => timeZones(draft.zone), [draft.zone]);
  const asks = asksForNumber(people, settings?.start?.countAbove);
  const schedule = useMutation({
    mutationFn: () =>
      post<Delivery>(`${deliveryPath(delivery.id)}/actions/schedule`, {
        at: draft.at,
        zone: draft.zone,
        ...(draft.notLaterThan === "" ? {} : { notLaterThan: draft.notLaterThan }),
        toDeliver: people,
      }),
    onSuccess: async (answer) => {
      takeAnswer(client, answer);
      notifications.show({ message: t("start.scheduled"), color: "ink" });
      onClose();
      await navigate({ to: "/deliveries/$id", params: { id: delivery.id } });
    },
  });
  const problem = schedule.error instanceof ApiProblem ? schedule.error.problem : null;
  const { fields } = fieldErrors<Field>(problem, ([name]) => (FIELDS.includes(name ?? "") ? (name as Field) : null));
  const field = (name: Field) => ({
    label: t(`start.${name}`),
    value: draft[name],
    error: fields[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setDraft((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    schedule.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("start.scheduleTitle", { label: delivery.label })}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: confirm["title"] ?? "" }}
    >
      <form onSubmit={submit} className={css["dialog"]}>
        <div className={css["pair"]}>
          <TextInput {...field("at")} type="datetime-local" required data-autofocus={!asks || undefined} />
          <NativeSelect {...field("zone")} data={zones} />
        </div>
        <TextInput
          {...field("notLaterThan")}
          type="datetime-local"
          description={t("start.notLaterHint", { tolerance: settings?.start?.tolerance ?? "1h" })}
        />
        {asks && <NumberField people={people} value={typed} onChange={setTyped} />}
        {schedule.isError && Object.keys(fields).length === 0 && <Failure error={schedule.error} />}
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            type="submit"
            loading={schedule.isPending}
            disabled={settings === undefined || draft.at === "" || (asks && readNumber(typed) !== people)}
          >
            {t("start.schedule")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What is planned already, or the next full hour of whoever asks. */
function draftOf({ schedule }: Delivery): Record<Field, string> {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (schedule === undefined || schedule.zone === null || schedule.local === null) {
    return { at: firstDate(Date.now()), zone: own, notLaterThan: "" };
  }
  return { at: schedule.local.slice(0, 16), zone: schedule.zone, notLaterThan: "" };
}
