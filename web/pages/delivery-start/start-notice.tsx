/** When a confirmed delivery begins: the date, or the seconds in which it can be called back; and what it waits for before that. */
import { Button } from "@mantine/core";
import { IconCalendarClock, IconHourglass, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { May } from "../../parts/may.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { checklistQuery } from "../../queries.ts";
import { ScheduleDialog } from "./schedule-dialog.tsx";
import css from "./start.module.css";
import { openApprovals, secondsUntil } from "./view-model.ts";

export function StartNotice({ delivery }: { delivery: Delivery }) {
  const { schedule, state } = delivery;
  if (schedule !== undefined && state === "start-pending") return <Countdown at={schedule.at} by={schedule.by} />;
  if (schedule !== undefined && state === "scheduled") return <Scheduled delivery={delivery} schedule={schedule} />;
  return state === "ready" && openApprovals(delivery).length > 0 ? <Waits delivery={delivery} /> : null;
}

function Countdown({ at, by }: { at: string; by: string }) {
  const { t } = useTranslation();
  const seconds = secondsUntil(at, useNow());
  return (
    <div className={css["notice"]}>
      <Notice tone="waiting" icon={IconHourglass} title={t("start.beginsIn", { count: seconds })}>
        <p>{t("start.callBack", { by })}</p>
      </Notice>
    </div>
  );
}

function Scheduled({ delivery, schedule }: { delivery: Delivery; schedule: NonNullable<Delivery["schedule"]> }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(10);
  const [changing, setChanging] = useState(false);
  const { data: checklist } = useQuery(checklistQuery(delivery.id));
  const { at, local, zone, notLaterThan, by } = schedule;
  return (
    <div className={css["notice"]}>
      <Notice
        tone="waiting"
        icon={IconCalendarClock}
        title={t("start.beginsAt", { local: (local ?? at).replace("T", " ").slice(0, 16), zone: zone ?? "UTC" })}
      >
        <p>
          {t("start.beginsText", { relative: formats.relative(at, now), latest: formats.moment(notLaterThan), by })}
        </p>
        <May right="deliveries.start">
          <Button
            mt={8}
            size="xs"
            variant="default"
            onClick={() => setChanging(true)}
            disabled={checklist === undefined}
          >
            {t("start.changeDate")}
          </Button>
        </May>
        {changing && checklist !== undefined && (
          <ScheduleDialog people={checklist.toDeliver} delivery={delivery} onClose={() => setChanging(false)} />
        )}
      </Notice>
    </div>
  );
}

function Waits({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const open = openApprovals(delivery);
  const isRejected = open.some(({ state }) => state === "rejected");
  return (
    <div className={css["notice"]}>
      <Notice
        tone={isRejected ? "failed" : "waiting"}
        icon={IconUserCheck}
        title={t("start.waitsForApproval", { count: open.length })}
      >
        <p>
          {t(isRejected ? "start.rejectedText" : "start.waitsText")}{" "}
          <Link to="/deliveries/$id/start" params={{ id: delivery.id }}>
            {t("start.approvals")}
          </Link>
        </p>
      </Notice>
    </div>
  );
}
