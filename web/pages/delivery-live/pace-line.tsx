/** Rate and time left while it goes on; how long it took when it is over. What nobody can know yet says so. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, Indicators, LiveIndicators } from "../../../src/contract/index.ts";
import { May } from "../../parts/may.tsx";
import { NotKnown } from "../../parts/not-known.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { ChangePace } from "./change-pace.tsx";
import css from "./live.module.css";
import { type Pace, paceOf } from "./view-model.ts";

type Props = { delivery: Delivery; indicators: Indicators | LiveIndicators };

export function PaceLine({ delivery, indicators }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const pace = paceOf(delivery, indicators);
  const share = formats.percent(indicators.sent, indicators.toDeliver);
  const base = { part: formats.int(indicators.sent), base: formats.int(indicators.toDeliver) };
  const duration = (seconds: number | null) => (seconds === null ? null : formats.duration(seconds));
  const rateOf = (of: Exclude<Pace, { kind: "over" }>) =>
    of.kind === "paused" ? { value: t("live.idle") } : { value: formats.rate(of.rate), unit: t("live.rateUnit") };
  return (
    <dl className={css["pace"]}>
      <Fact word={t("live.success")} title={t("common.ofBase", base)} value={share} />
      {pace.kind === "over" ? (
        <>
          <Fact word={t("live.meanRate")} value={formats.rate(pace.meanRate)} unit={t("live.rateUnit")} />
          <Fact word={t("live.took")} value={duration(pace.tookSeconds)} />
        </>
      ) : (
        <>
          <Fact word={t("live.rate")} title={t("live.rateMeaning")} {...rateOf(pace)} />
          <Fact
            word={t("live.eta")}
            title={t("live.etaMeaning")}
            value={pace.kind === "paused" ? t("live.idle") : duration(pace.etaSeconds)}
          />
          <Fact
            word={t("live.onWire")}
            title={t("live.onWireMeaning")}
            value={pace.onWire === null ? null : formats.int(pace.onWire)}
          />
        </>
      )}
      {delivery.startedAt !== null && <Fact word={t("delivery.started")} value={<When iso={delivery.startedAt} />} />}
      {pace.kind !== "over" && delivery.validUntil !== null && (
        <Fact
          word={t("delivery.validUntil")}
          title={formats.dateTime(delivery.validUntil)}
          value={formats.moment(delivery.validUntil)}
        />
      )}
      {pace.kind !== "over" && <Asked delivery={delivery} />}
    </dl>
  );
}

/** What was asked for, and may be asked for otherwise at any time. */
function Asked({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { speed, priority } = delivery.settings;
  return (
    <>
      <Fact
        word={t("pace.speed")}
        value={speed === undefined ? t("pace.noSpeed") : formats.int(speed)}
        {...(speed === undefined ? {} : { unit: t("sending.perHour") })}
      />
      <Fact
        word={t("pace.priority")}
        title={t("pace.priorityHint")}
        value={
          <>
            {t(`pace.priorities.${priority}`)}{" "}
            {delivery.state !== "stopping" && (
              <May right="deliveries.start">
                <ChangePace delivery={delivery} />
              </May>
            )}
          </>
        }
      />
    </>
  );
}

function Fact({ word, title, value, unit }: { word: string; title?: string; value: ReactNode; unit?: string }) {
  return (
    <div className={css["fact"]} title={title}>
      <dt>{word}</dt>
      <dd>
        {value ?? <NotKnown />}
        {value !== null && unit !== undefined && <span className={css["unit"]}> {unit}</span>}
      </dd>
    </div>
  );
}
