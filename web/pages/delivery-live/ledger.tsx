/** The accounting identity as one line of text: targeted = excluded + to deliver, each number a door. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Indicators } from "../../../src/contract/index.ts";
import { useFormats } from "../../parts/use-now.ts";
import css from "./live.module.css";

export function Ledger({ id, indicators }: { id: string; indicators: Indicators }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <p className={css["ledger"]}>
      <span>
        <b>{formats.int(indicators.targeted)}</b> {t("live.targeted")}
      </span>
      <span aria-hidden>=</span>
      <span>
        <Link className="door" to="/deliveries/$id/exclusions" params={{ id }}>
          <b>{formats.int(indicators.excluded)}</b> {t("live.excluded")}
        </Link>
      </span>
      <span aria-hidden>+</span>
      <span>
        <Link className="door" to="/deliveries/$id/messages" params={{ id }}>
          <b>{formats.int(indicators.toDeliver)}</b> {t("live.toDeliver")}
        </Link>
      </span>
    </p>
  );
}
