/** Type and reason of a verdict as a badge, in the tones of what they do to an address. */
import { IconCircleDashed, IconCircleX, IconClockHour4, IconHelpHexagon, type Icon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { FailureReason } from "../../../src/contract/index.ts";
import type { ReplyTextAnswer } from "../../../src/contract/reply-texts.ts";
import { Badge } from "../../parts/badge.tsx";
import type { Tone } from "../../tones.ts";
import css from "./reply-texts.module.css";

type FailureType = ReplyTextAnswer["type"];

const TONE: Record<FailureType, Tone> = { hard: "failed", soft: "retry", ignored: "excluded", "not-defined": "doubt" };
const ICON: Record<FailureType, Icon> = {
  hard: IconCircleX,
  soft: IconClockHour4,
  ignored: IconCircleDashed,
  "not-defined": IconHelpHexagon,
};

export function VerdictWords({ type, reason }: { type: FailureType; reason: FailureReason }) {
  const { t } = useTranslation();
  return (
    <span className={css["verdict"]}>
      <Badge tone={TONE[type]} icon={ICON[type]} word={t(`type.${type}`)} title={t(`bounces.typeMeaning.${type}`)} />
      {reason !== type && <span className={css["verdictReason"]}>{t(`reason.${reason}`)}</span>}
    </span>
  );
}
