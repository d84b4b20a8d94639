/** What holds a lane, a delivery or a message back, as icon, word and tone; the sentence stands beside it. */
import {
  IconArchive,
  IconArrowBackUp,
  IconBook,
  IconCircleCheck,
  IconClockPause,
  IconCpu,
  IconDatabase,
  IconGauge,
  IconMapPinOff,
  IconPlayerPause,
  IconPlug,
  IconPlugConnected,
  IconServer,
  IconTrendingUp,
  IconWorldQuestion,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Constraint } from "../../../src/contract/shaping.ts";
import { Badge } from "../../parts/badge.tsx";
import { CONSTRAINT_TONE } from "./view-model.ts";

const ICON: Record<Constraint, Icon> = {
  none: IconCircleCheck,
  rate: IconGauge,
  connections: IconPlug,
  "connection-rate": IconPlugConnected,
  suspended: IconPlayerPause,
  "back-off": IconClockPause,
  "warm-up": IconTrendingUp,
  remote: IconServer,
  cpu: IconCpu,
  database: IconDatabase,
  journal: IconBook,
  "delivery-speed": IconGauge,
  paused: IconPlayerPause,
  archive: IconArchive,
  "no-source": IconMapPinOff,
  "retry-wait": IconArrowBackUp,
  dns: IconWorldQuestion,
};

export function ConstraintBadge({ constraint, why }: { constraint: Constraint; why?: string }) {
  const { t } = useTranslation();
  const word = t(`constraint.${constraint}`);
  return (
    <Badge
      tone={CONSTRAINT_TONE[constraint]}
      icon={ICON[constraint]}
      word={word}
      {...(why === undefined || why === "" ? {} : { title: why })}
    />
  );
}
