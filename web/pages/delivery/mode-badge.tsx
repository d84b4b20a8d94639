/** A delivery that delivers nothing says so wherever its name stands. */
import { IconTestPipe } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Settings } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";

export function ModeBadge({ mode }: { mode: Settings["mode"] }) {
  const { t } = useTranslation();
  if (mode === "live") return null;
  return <Badge tone="excluded" icon={IconTestPipe} word={t(`mode.${mode}`)} title={t(`mode.meaning.${mode}`)} />;
}
