/** A state or status as icon, word and tone: never colour alone. */
import {
  IconArrowBackUp,
  IconBan,
  IconCalendarClock,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconFlag,
  IconHelpHexagon,
  IconHourglass,
  IconLoader,
  IconPencil,
  IconPlayerPause,
  IconPlayerStop,
  IconRocket,
  IconSend,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { DeliveryState, MessageStatus } from "../../src/contract/index.ts";
import { STATE_TONE, STATUS_TONE, type Tone } from "../tones.ts";
import css from "./badge.module.css";

const STATE_ICON: Record<DeliveryState, Icon> = {
  editing: IconPencil,
  analysing: IconLoader,
  ready: IconRocket,
  scheduled: IconCalendarClock,
  "start-pending": IconHourglass,
  "in-progress": IconSend,
  pausing: IconPlayerPause,
  paused: IconPlayerPause,
  stopping: IconPlayerStop,
  stopped: IconPlayerStop,
  finished: IconFlag,
};

export const STATUS_ICON: Record<MessageStatus, Icon> = {
  pending: IconClock,
  "taken-into-account": IconArrowBackUp,
  sent: IconCircleCheck,
  failed: IconCircleX,
  cancelled: IconBan,
  "in-doubt": IconHelpHexagon,
};

/** The excluded have no message, so no status. */
export const EXCLUDED_ICON: Icon = IconCircleDashed;

type Props = {
  /** null: a word that is no state, so it has no colour. */
  tone: Tone | null;
  icon: Icon;
  word: string;
  title?: string;
};

export function Badge({ tone, icon: Glyph, word, title }: Props) {
  return (
    <span className={css["badge"]} data-tone={tone ?? undefined} title={title}>
      <Glyph size={14} stroke={2} aria-hidden />
      <span className={css["word"]}>{word}</span>
    </span>
  );
}

export function StateBadge({ state }: { state: DeliveryState }) {
  const { t } = useTranslation();
  return <Badge tone={STATE_TONE[state]} icon={STATE_ICON[state]} word={t(`state.${state}`)} />;
}

export function StatusBadge({ status }: { status: MessageStatus }) {
  const { t } = useTranslation();
  return (
    <Badge
      tone={STATUS_TONE[status]}
      icon={STATUS_ICON[status]}
      word={t(`status.${status}`)}
      title={t(`statusMeaning.${status}`)}
    />
  );
}
