/** What a mail was, and what it did. */
import {
  IconCircleCheck,
  IconClock,
  IconClockPause,
  IconExclamationCircle,
  IconMail,
  IconMailOff,
  IconMessageReply,
  IconMoodAngry,
  IconMailX,
  IconPointFilled,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { InboundMailEntry } from "../../../src/contract/inbound.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Kind, type Outcome, outcomeTone } from "./view-model.ts";

const ICON: Record<Kind, Icon> = {
  bounce: IconMailX,
  delayed: IconClockPause,
  success: IconCircleCheck,
  complaint: IconMoodAngry,
  "auto-reply": IconMessageReply,
  unsubscribe: IconMailOff,
  other: IconMail,
};

export function KindBadge({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  return (
    <Badge tone={null} icon={ICON[kind]} word={t(`inbound.kind.${kind}`)} title={t(`inbound.kindMeaning.${kind}`)} />
  );
}

/** While it has not been worked off, its state stands where the outcome will. */
export function OutcomeBadge({ mail: { state, outcome } }: { mail: Pick<InboundMailEntry, "state" | "outcome"> }) {
  const { t } = useTranslation();
  if (state !== "done") {
    const waits = state === "waiting";
    return (
      <Badge
        tone={waits ? "waiting" : "failed"}
        icon={waits ? IconClock : IconExclamationCircle}
        word={t(`inbound.state.${state}`)}
        title={t(`inbound.stateMeaning.${state}`)}
      />
    );
  }
  if (outcome === null) return <span className="muted">–</span>;
  return (
    <Badge
      tone={outcomeTone(outcome)}
      icon={IconPointFilled}
      word={t(`inbound.outcome.${outcome as Outcome}`, { defaultValue: outcome })}
      title={t(`inbound.outcomeMeaning.${outcome as Outcome}`, { defaultValue: outcome })}
    />
  );
}
