/** The status of an address, held ones told apart. */
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconHelpHexagon,
  IconShieldX,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Badge } from "../../parts/badge.tsx";
import { QUARANTINE_TONE, type ShownStatus } from "./view-model.ts";

const ICON: Record<ShownStatus, Icon> = {
  valid: IconCircleCheck,
  "with-errors": IconAlertTriangle,
  held: IconHelpHexagon,
  quarantined: IconShieldX,
  denylisted: IconBan,
};

export function QuarantineBadge({ status }: { status: ShownStatus }) {
  const { t } = useTranslation();
  return (
    <Badge
      tone={QUARANTINE_TONE[status]}
      icon={ICON[status]}
      word={t(`quarantine.status.${status}`)}
      title={t(`quarantine.meaning.${status}`)}
    />
  );
}
