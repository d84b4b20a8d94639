/** Switches a series on or off where it is listed; for whoever may not, it says which it is. */
import { Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Series } from "../../../src/contract/series.ts";
import { put } from "../../api.ts";
import { useMayWrite } from "../../parts/may.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { seriesPath, SERIES_KEY } from "../../queries-series.ts";
import { seriesDraftOf, seriesRequestOf } from "./series-draft.ts";

export function SeriesSwitch({ series }: { series: Series }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const mayWrite = useMayWrite();
  const turn = useMutation({
    mutationFn: (on: boolean) =>
      put<Series>(seriesPath(series.id), series.version, { ...seriesRequestOf(seriesDraftOf(series)), on }),
    onError: tellError,
    // After a refusal too: somebody else may have changed it.
    onSettled: () => client.invalidateQueries({ queryKey: SERIES_KEY }),
  });
  if (!mayWrite) return t(series.on ? "series.on" : "series.off");
  return (
    <Switch
      size="xs"
      aria-label={t("series.onOf", { label: series.label })}
      checked={turn.isPending ? turn.variables : series.on}
      disabled={turn.isPending}
      onChange={(event) => turn.mutate(event.currentTarget.checked)}
    />
  );
}
