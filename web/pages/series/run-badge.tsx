/** What became of a date: there is a delivery, or why not. */
import { IconCircleCheck, IconCircleX, IconClockX, type Icon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { SeriesRun } from "../../../src/contract/series.ts";
import { Badge } from "../../parts/badge.tsx";
import type { Tone } from "../../tones.ts";

const LOOK: Record<SeriesRun["outcome"], { tone: Tone; icon: Icon }> = {
  made: { tone: "sent", icon: IconCircleCheck },
  missed: { tone: "excluded", icon: IconClockX },
  failed: { tone: "failed", icon: IconCircleX },
};

export function RunBadge({ run: { outcome, reason } }: { run: SeriesRun }) {
  const { t } = useTranslation();
  return <Badge {...LOOK[outcome]} word={t(`series.outcome.${outcome}`)} title={reason} />;
}
