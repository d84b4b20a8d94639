/** The state of a copy as icon, word and tone. */
import { IconArchive, IconArrowBackUp, IconCircleX, type Icon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Badge } from "../../parts/badge.tsx";
import { COPY_TONE, type CopyState } from "./view-model.ts";

export const COPY_ICON: Record<CopyState, Icon> = {
  owed: IconArrowBackUp,
  archived: IconArchive,
  "given-up": IconCircleX,
};

export function CopyBadge({ state }: { state: CopyState }) {
  const { t } = useTranslation();
  return (
    <Badge
      tone={COPY_TONE[state]}
      icon={COPY_ICON[state]}
      word={t(`copies.state.${state}`)}
      title={t(`copies.meaning.${state}`)}
    />
  );
}
