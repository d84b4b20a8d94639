/** What an operator may do to a lane: fix values, suspend it for a time, release it. */
import { Button, NumberInput, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPin, IconPinnedOff, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { LaneAnswer } from "../../../src/contract/shaping.ts";
import { ApiProblem, post } from "../../api.ts";
import type { Count } from "../../parts/form-fields.ts";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { lanePath, laneQuery } from "../../queries-sending.ts";
import css from "./sending.module.css";

type Verb = "pin" | "unpin" | "suspend" | "release";

/** An act answers with the lane as it is afterwards; figures follow when senders have told. */
function useSteer(lane: LaneAnswer) {
  const client = useQueryClient();
  const tellError = useToldErrors();
  const steer = useMutation({
    mutationFn: ({ verb, body }: { verb: Verb; body?: unknown; note: string }) =>
      post<LaneAnswer>(`${lanePath(lane.id)}/actions/${verb}`, body),
    onSuccess: async (answer, { note }) => {
      client.setQueryData(laneQuery(lane.id).queryKey, answer);
      notifications.show({ message: note, color: "ink" });
      await Promise.all(["lanes", "shaping-events"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
    onError: (error) => {
      // What was typed wrong is told at its field.
      if (!(error instanceof ApiProblem && error.problem.status === 422)) tellError(error);
    },
  });
  const refusal = steer.error instanceof ApiProblem && steer.error.problem.status === 422 ? steer.error.problem : null;
  return {
    act: (verb: Verb, note: string, body?: unknown) => steer.mutate({ verb, note, body }),
    busy: steer.isPending ? steer.variables.verb : null,
    refusal: refusal === null ? null : (refusal.errors?.[0]?.message ?? refusal.detail),
  };
}

export function Suspending({ lane }: { lane: LaneAnswer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { act, busy, refusal } = useSteer(lane);
  const [time, setTime] = useState("1h");
  const { waiting, suspendedUntil, constraint } = lane.figures;
  return (
    <form
      className={css["steer"]}
      onSubmit={(event) => {
        event.preventDefault();
        act("suspend", t("lanes.suspendedNote"), { for: time.trim() });
      }}
    >
      <p className={css["hint"]}>{t("lanes.suspendIntro", { count: waiting, n: formats.int(waiting) })}</p>
      <div className={css["line"]}>
        <TextInput
          label={t("lanes.suspendFor")}
          description={t("lanes.suspendForHint")}
          error={refusal}
          w={230}
          autoComplete="off"
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          loading={busy === "suspend"}
        >
          {t("lanes.suspend")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          title={t("lanes.releaseMeaning")}
          disabled={suspendedUntil === null && constraint !== "suspended" && constraint !== "back-off"}
          loading={busy === "release"}
          onClick={() => act("release", t("lanes.releasedNote"))}
        >
          {t("lanes.release")}
        </Button>
      </div>
    </form>
  );
}

export function Pinning({ lane }: { lane: LaneAnswer }) {
  const { t } = useTranslation();
  const { act, busy, refusal } = useSteer(lane);
  const { pin } = lane;
  const [connections, setConnections] = useState<Count>(pin?.connections ?? "");
  const [perHour, setPerHour] = useState<Count>(pin?.messagesPerHour ?? "");
  const field = (value: Count, set: (value: Count) => void) => ({
    w: 160,
    min: 1,
    allowDecimal: false,
    allowNegative: false,
    hideControls: true,
    autoComplete: "off",
    value,
    onChange: (next: string | number) => set(typeof next === "number" ? next : ""),
  });
  const valueOf = (value: Count) => (value === "" ? null : value);
  return (
    <form
      className={css["steer"]}
      onSubmit={(event) => {
        event.preventDefault();
        act("pin", t("lanes.pinnedNote"), { connections: valueOf(connections), messagesPerHour: valueOf(perHour) });
      }}
    >
      <p className={css["hint"]}>
        {pin === null ? t("lanes.pinIntro") : <b>{t("lanes.pinNow", { actor: pin.actor })}</b>}
      </p>
      <div className={css["line"]}>
        <NumberInput label={t("lanes.pinConnections")} error={refusal} {...field(connections, setConnections)} />
        <NumberInput label={t("lanes.pinPerHour")} {...field(perHour, setPerHour)} />
        <Button
          type="submit"
          variant="default"
          leftSection={<IconPin size={16} aria-hidden />}
          disabled={connections === "" && perHour === ""}
          loading={busy === "pin"}
        >
          {t("lanes.pin")}
        </Button>
        {pin !== null && (
          <Button
            variant="default"
            leftSection={<IconPinnedOff size={16} aria-hidden />}
            loading={busy === "unpin"}
            onClick={() => act("unpin", t("lanes.unpinnedNote"))}
          >
            {t("lanes.unpin")}
          </Button>
        )}
      </div>
    </form>
  );
}
