/** Whether the stream is connected, and how old the figures are. */
import { useContext } from "react";
import { useTranslation } from "react-i18next";

import type { Tone } from "../../tones.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { StreamContext, type StreamState } from "./stream.ts";
import css from "./delivery.module.css";

const TONE: Record<StreamState["phase"], Tone> = { open: "sent", connecting: "waiting", lost: "failed" };

/** Younger figures are simply live; the age is worth reading from here on. */
const WORTH_SAYING_S = 3;

export function StreamDot() {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow();
  const { phase, lastAt } = useContext(StreamContext);
  const age = lastAt === null ? null : Math.max(0, Math.round((now - lastAt) / 1000));
  return (
    <span className={css["stream"]} data-tone={TONE[phase]} data-phase={phase}>
      <span className={css["dot"]} aria-hidden />
      {t(`live.stream.${phase}`)}
      {age !== null && age >= WORTH_SAYING_S && (
        <span className="muted"> · {t("live.age", { age: formats.duration(age) })}</span>
      )}
    </span>
  );
}
