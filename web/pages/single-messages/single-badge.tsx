/** The status of a single message as icon, word and tone. */
import {
  IconArrowBackUp,
  IconBan,
  IconCalendarClock,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconClockX,
  IconHelpHexagon,
  IconPlayerPause,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { SingleStatus } from "../../../src/contract/messages.ts";
import { Badge } from "../../parts/badge.tsx";
import { SINGLE_TONE } from "./view-model.ts";

const ICON: Record<SingleStatus, Icon> = {
  scheduled: IconCalendarClock,
  queued: IconClock,
  paused: IconPlayerPause,
  retrying: IconArrowBackUp,
  sent: IconCircleCheck,
  failed: IconCircleX,
  expired: IconClockX,
  ignored: IconCircleDashed,
  cancelled: IconBan,
  "in-doubt": IconHelpHexagon,
};

export function SingleBadge({ status }: { status: SingleStatus }) {
  const { t } = useTranslation();
  return (
    <Badge
      tone={SINGLE_TONE[status]}
      icon={ICON[status]}
      word={t(`single.status.${status}`)}
      title={t(`single.meaning.${status}`)}
    />
  );
}
