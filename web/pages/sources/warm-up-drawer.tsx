/** One cell of the warm-up: how the day goes, and an operator's word on it. In normal life nobody needs one. */
import { Button, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCircleCheck, IconPlayerPause, IconPlayerPlay, IconRotate, type Icon } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { WarmUpCell } from "../../../src/contract/shaping.ts";
import { ApiProblem, post } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Facts } from "../../parts/facts.tsx";
import type { Count } from "../../parts/form-fields.ts";
import { May } from "../../parts/may.tsx";
import { Section } from "../../parts/page.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { warmUpPath, warmUpQuery } from "../../queries-sending.ts";
import { cellKey } from "./view-model.ts";
import css from "./warm-up.module.css";

type Verb = "hold" | "release" | "finish" | "restart" | "set-day";
type Step = Exclude<Verb, "set-day">;

const ICON: Record<Step, Icon> = {
  hold: IconPlayerPause,
  release: IconPlayerPlay,
  finish: IconCircleCheck,
  restart: IconRotate,
};

/** What changes nothing in this state is not offered. */
const STEPS: Record<WarmUpCell["state"], readonly Step[]> = {
  warming: ["hold", "finish", "restart"],
  held: ["release", "finish", "restart"],
  done: ["restart"],
};

export function WarmUpDrawer({ cell, onClose }: { cell: WarmUpCell; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer title={t("warmUp.cell", cell)} onClose={onClose}>
      <p className={css["state"]}>
        <b>{t(`warmUp.states.${cell.state}`)}.</b> {t(`warmUp.stateMeaning.${cell.state}`)}
      </p>
      <Day cell={cell} />
      <Section title={t("warmUp.acts")}>
        <May right="lanes.steer">
          <Acts cell={cell} />
        </May>
      </Section>
    </Drawer>
  );
}

function Day({ cell }: { cell: WarmUpCell }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const limit = (count: number) => (cell.state === "done" ? t("sending.noLimit") : formats.int(count));
  const facts: [string, string][] = [
    [t("warmUp.sendingDay"), cell.state === "done" ? "–" : formats.int(cell.day)],
    [t("warmUp.allowance"), limit(cell.allowance)],
    [t("warmUp.hourly"), limit(cell.hourlyAllowance)],
    [t("warmUp.usedToday"), formats.int(cell.used)],
    [t("warmUp.accepted"), formats.int(cell.acceptedToday)],
    [t("warmUp.deferred"), formats.int(cell.deferredToday)],
    [t("warmUp.refused"), formats.int(cell.refusedToday)],
    [t("warmUp.complaints"), formats.int(cell.complaintsToday)],
  ];
  return (
    <>
      <Facts facts={facts} />
      <p className={css["doors"]}>
        <Link to="/sending" search={{ provider: cell.provider, source: cell.source }}>
          {t("sending.tab.lanes")}
        </Link>
        <Link to="/sending/events" search={{ provider: cell.provider, source: cell.source }}>
          {t("sending.tab.events")}
        </Link>
      </p>
    </>
  );
}

function useSteer(cell: WarmUpCell) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const steer = useMutation({
    mutationFn: ({ verb, day }: { verb: Verb; day?: number }) =>
      post<WarmUpCell>(`${warmUpPath(cell)}/actions/${verb}`, day === undefined ? undefined : { day }),
    onSuccess: (answer) => {
      client.setQueryData(warmUpQuery.queryKey, (before: WarmUpCell[] | undefined) =>
        before?.map((each) => (cellKey(each) === cellKey(answer) ? answer : each)),
      );
      notifications.show({ message: t("warmUp.changed"), color: "ink" });
    },
    onError: (error, { verb }) => {
      // A day that the curve does not have is told at its field.
      if (verb !== "set-day" || !(error instanceof ApiProblem && error.problem.status === 422)) tellError(error);
    },
  });
  const problem = steer.error instanceof ApiProblem && steer.variables?.verb === "set-day" ? steer.error.problem : null;
  const refusal = problem?.status === 422 ? (problem.errors?.[0]?.message ?? problem.detail) : null;
  return { steer, refusal };
}

function Acts({ cell }: { cell: WarmUpCell }) {
  const { t } = useTranslation();
  const { steer, refusal } = useSteer(cell);
  const [asking, setAsking] = useState<"finish" | "restart" | null>(null);
  const [day, setDay] = useState<Count>("");
  const busy = steer.isPending ? steer.variables.verb : null;
  const begin = (step: Step) =>
    step === "finish" || step === "restart" ? setAsking(step) : steer.mutate({ verb: step });
  const question = asking && {
    title: t(`warmUp.${asking}Title`, cell),
    text: t(`warmUp.${asking}Text`),
    yes: t(`warmUp.${asking}`),
  };
  return (
    <>
      <ul className={css["acts"]}>
        {STEPS[cell.state].map((step) => {
          const Glyph = ICON[step];
          return (
            <li key={step}>
              <Button
                variant="default"
                leftSection={<Glyph size={16} aria-hidden />}
                loading={busy === step}
                onClick={() => begin(step)}
              >
                {t(`warmUp.${step}`)}
              </Button>
              <span className="muted">{t(`warmUp.${step}Hint`)}</span>
            </li>
          );
        })}
      </ul>
      <form
        className={css["day"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (day !== "") steer.mutate({ verb: "set-day", day });
        }}
      >
        <NumberInput
          label={t("warmUp.setDayLabel")}
          w={160}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          autoComplete="off"
          error={refusal}
          value={day}
          onChange={(value) => setDay(typeof value === "number" ? value : "")}
        />
        <Button type="submit" variant="default" disabled={day === ""} loading={busy === "set-day"}>
          {t("warmUp.setDay")}
        </Button>
      </form>
      <Confirm
        question={question}
        busy={steer.isPending}
        onYes={() => asking !== null && steer.mutate({ verb: asking }, { onSettled: () => setAsking(null) })}
        onNo={() => setAsking(null)}
      />
    </>
  );
}
