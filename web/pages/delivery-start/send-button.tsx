/** Starts a delivery: now, after a question that says to how many; or at a date. What others have to approve first is a door to it. */
import { Button } from "@mantine/core";
import { IconCalendarClock, IconSend, IconUserCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { useFormats } from "../../parts/use-now.ts";
import { ScheduleDialog } from "./schedule-dialog.tsx";
import { SendDialog } from "./send-dialog.tsx";
import { openApprovals } from "./view-model.ts";

export function SendButton({ people, delivery }: { people: number; delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [asking, setAsking] = useState<"send" | "schedule" | null>(null);
  const open = openApprovals(delivery);
  if (open.length > 0) {
    return (
      <Button
        component={Link}
        to="/deliveries/$id/start"
        params={{ id: delivery.id } as never}
        leftSection={<IconUserCheck size={16} aria-hidden />}
      >
        {t("start.waitsForApproval", { count: open.length })}
      </Button>
    );
  }
  const isLive = delivery.settings.mode === "live";
  const close = () => setAsking(null);
  return (
    <>
      <Button
        variant="default"
        onClick={() => setAsking("schedule")}
        leftSection={<IconCalendarClock size={16} aria-hidden />}
      >
        {t("start.schedule")}
      </Button>
      <Button onClick={() => setAsking("send")} leftSection={<IconSend size={16} aria-hidden />}>
        {t(isLive ? "editor.send" : "mode.start", { count: people, n: formats.int(people) })}
      </Button>
      {asking === "send" && <SendDialog people={people} delivery={delivery} onClose={close} />}
      {asking === "schedule" && <ScheduleDialog people={people} delivery={delivery} onClose={close} />}
    </>
  );
}
