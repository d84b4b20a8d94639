/** The waves of a delivery: when each begins, and what became of it. */
import { IconBan, IconCircleCheck, IconClock, IconSend, type Icon } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, DeliveryWave } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { When } from "../../parts/when.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { WAVE_TONE } from "./view-model.ts";

const ICON: Record<DeliveryWave["state"], Icon> = {
  planned: IconClock,
  waiting: IconClock,
  begun: IconSend,
  done: IconCircleCheck,
  cancelled: IconBan,
};

export function Waves({ delivery: { waves, settings } }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const columns = useMemo(() => columnsFor(t, formats), [t, formats]);
  return (
    <DataTable
      label={t("start.waves")}
      columns={columns}
      rows={waves ?? []}
      rowId={({ number }) => String(number)}
      empty={<p className="muted">{t(settings.waves === undefined ? "start.noWaves" : "start.wavesLater")}</p>}
      compact
    />
  );
}

function columnsFor(t: TFunction, formats: Formats): Columns<DeliveryWave> {
  const column = columnsOf<DeliveryWave>();
  const count = (name: "toDeliver" | "sent" | "failed" | "pending" | "cancelled", hide?: "medium" | "narrow") =>
    column.accessor(name, {
      header: t(`start.col.${name}`),
      cell: ({ getValue }) => formats.int(getValue()),
      meta: { num: true, width: "92px", ...(hide === undefined ? {} : { hide }) },
    });
  return [
    column.accessor("number", { header: t("start.col.wave"), meta: { num: true, width: "64px" } }),
    column.accessor("startsAt", {
      header: t("start.col.begins"),
      cell: ({ row: { original } }) => <Begins wave={original} t={t} formats={formats} />,
    }),
    column.accessor("state", {
      header: t("start.col.state"),
      cell: ({ row: { original } }) => <StateOf wave={original} t={t} />,
      meta: { width: "130px" },
    }),
    count("toDeliver"),
    count("sent", "narrow"),
    count("failed", "medium"),
    count("pending", "narrow"),
    count("cancelled", "medium"),
  ];
}

function StateOf({ wave: { state }, t }: { wave: DeliveryWave; t: TFunction }) {
  return <Badge tone={WAVE_TONE[state]} icon={ICON[state]} word={t(`start.wave.${state}`)} />;
}

function Begins({ wave, t, formats }: { wave: DeliveryWave; t: TFunction; formats: Formats }) {
  const at = wave.begunAt ?? wave.startsAt;
  if (at !== null) return <When iso={at} />;
  if (wave.after === 0) return t("start.withDelivery");
  return t("start.after", { duration: formats.duration(wave.after) });
}
