/** What a series copies, as a door to it. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Series } from "../../../src/contract/series.ts";

export function SeriesSource({ series: { from, sourceLabel } }: { series: Series }) {
  const { t } = useTranslation();
  if (sourceLabel === null) return <span className="muted">{t("series.gone")}</span>;
  return "delivery" in from ? (
    <Link to="/deliveries/$id" params={{ id: from.delivery }} className="door" title={sourceLabel}>
      {sourceLabel}
    </Link>
  ) : (
    <Link to="/templates/$id" params={{ id: from.template }} className="door" title={sourceLabel}>
      {sourceLabel}
    </Link>
  );
}
