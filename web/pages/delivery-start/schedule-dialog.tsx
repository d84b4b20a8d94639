/** A date on which the delivery begins by itself, by the clocks of a zone, and the latest time at which it still may. */
import { NativeSelect, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { ApiProblem, post } from "../../api.ts";
import { fieldErrors } from "../../parts/field-errors.ts";
import { deliveryPath, settingsQuery } from "../../queries.ts";
import { ClockChange } from "./clock-change.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { type Occurrence, occurrenceOf, readLocal } from "./local-time.ts";
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
  const [occurrence, setOccurrence] = useState(() => occurrenceIn(delivery));
  const [typed, setTyped] = useState("");
  const zones = useMemo(() => timeZones(draft.zone), [draft.zone]);
  const asks = asksForNumber(people, settings?.start?.countAbove);
  const schedule = useMutation({
    mutationFn: () =>
      post<Delivery>(`${deliveryPath(delivery.id)}/actions/schedule`, {
        at: draft.at,
        zone: draft.zone,
        // Of a time that comes once it says nothing.
        ...(readLocal(draft.at, draft.zone).kind === "twice" ? { occurrence } : {}),
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
  const time = readLocal(draft.at, draft.zone);
  const end = readLocal(draft.notLaterThan, draft.zone);
  const isComplete =
    draft.at !== "" && time.kind !== "gap" && end.kind !== "gap" && (!asks || readNumber(typed) === people);
  return (
    <FormDialog
      title={t("start.scheduleTitle", { label: delivery.label })}
      yes={t("start.schedule")}
      ready={settings !== undefined && isComplete}
      error={Object.keys(fields).length === 0 ? schedule.error : null}
      busy={schedule.isPending}
      onYes={() => schedule.mutate()}
      onClose={onClose}
    >
      <div className={css["pair"]}>
        <TextInput {...field("at")} type="datetime-local" required data-autofocus={!asks || undefined} />
        <NativeSelect {...field("zone")} data={zones} />
      </div>
      <ClockChange
        time={time}
        zone={draft.zone}
        occurrence={occurrence}
        onOccurrence={setOccurrence}
        onTake={(next) => setDraft((before) => ({ ...before, at: next }))}
      />
      <TextInput
        {...field("notLaterThan")}
        type="datetime-local"
        description={t("start.notLaterHint", { tolerance: settings?.start?.tolerance ?? "1h" })}
      />
      <ClockChange
        time={end}
        zone={draft.zone}
        occurrence="later"
        onTake={(next) => setDraft((before) => ({ ...before, notLaterThan: next }))}
      />
      {asks && <NumberField people={people} value={typed} onChange={setTyped} />}
    </FormDialog>
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

function occurrenceIn({ schedule }: Delivery): Occurrence {
  if (schedule === undefined || schedule.zone === null || schedule.local === null) return "earlier";
  return occurrenceOf(readLocal(schedule.local, schedule.zone), Date.parse(schedule.at));
}
