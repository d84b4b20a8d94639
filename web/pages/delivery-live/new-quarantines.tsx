/** How many addresses errors of this delivery put into quarantine. The API lists them by time, not by delivery. */
import { IconShieldX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { useFormats } from "../../parts/use-now.ts";
import { indicatorsQuery } from "../../queries.ts";
import css from "./live.module.css";

/** The stream does not carry it; bounces come for days. */
const EVERY_MS = 15_000;

export function NewQuarantines({ delivery: { id, startedAt } }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const count = useQuery({ ...indicatorsQuery(id), refetchInterval: EVERY_MS }).data?.newQuarantines;
  if (count === undefined || count === 0) return null;
  return (
    <p className={css["quarantines"]} title={t("newQuarantines.title")} data-figure="newQuarantines">
      <IconShieldX size={15} stroke={2} aria-hidden />
      <span>{t("newQuarantines.count", { count, n: formats.int(count) })}</span>
      <Link to="/quarantine" search={{ status: "quarantined", since: startedAt ?? undefined }}>
        {t("newQuarantines.show")}
      </Link>
    </p>
  );
}
