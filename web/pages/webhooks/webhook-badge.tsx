/** How a webhook or one of its requests is doing. */
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconPlayerPause,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Webhook, WebhookMessage } from "../../../src/contract/webhooks.ts";
import { Badge } from "../../parts/badge.tsx";
import type { Tone } from "../../tones.ts";

const LOOK: Record<Webhook["health"]["status"], { tone: Tone; icon: Icon }> = {
  working: { tone: "sent", icon: IconCircleCheck },
  failing: { tone: "failed", icon: IconCircleX },
  paused: { tone: "retry", icon: IconPlayerPause },
  disabled: { tone: "excluded", icon: IconPlayerPause },
  untried: { tone: "waiting", icon: IconCircleDashed },
};

export function WebhookBadge({ health: { status } }: Pick<Webhook, "health">) {
  const { t } = useTranslation();
  return <Badge {...LOOK[status]} word={t(`webhooks.status.${status}`)} />;
}

const REQUEST_LOOK: Record<WebhookMessage["state"], { tone: Tone; icon: Icon }> = {
  pending: { tone: "waiting", icon: IconClock },
  delivered: { tone: "sent", icon: IconCircleCheck },
  failed: { tone: "failed", icon: IconCircleX },
};

export function RequestBadge({ state }: Pick<WebhookMessage, "state">) {
  const { t } = useTranslation();
  return <Badge {...REQUEST_LOOK[state]} word={t(`webhooks.request.${state}`)} />;
}
