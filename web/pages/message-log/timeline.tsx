/** Every attempt of one message, newest first, with the reply word for word. */
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconCircleCheck,
  IconCircleX,
  IconClockX,
  IconHelpHexagon,
  IconClockCheck,
  IconFlask,
  IconMailX,
  IconMessageReport,
  IconTemplateOff,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Attempt, MessageDetail } from "../../../src/contract/index.ts";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import css from "./message.module.css";
import { attemptTone, timelineOf } from "./view-model.ts";

const ICON: Record<Attempt["kind"], Icon> = {
  accepted: IconCircleCheck,
  refused: IconCircleX,
  lost: IconAlertTriangle,
  "in-doubt": IconHelpHexagon,
  expired: IconClockX,
  "not-rendered": IconTemplateOff,
  tested: IconFlask,
  verified: IconFlask,
  unreported: IconClockCheck,
  "final-word": IconMessageReport,
  bounce: IconMailX,
};

export function Timeline({ message }: { message: MessageDetail }) {
  const { t } = useTranslation();
  if (message.timeline.length === 0) return <p className="muted">{t("message.noAttempts")}</p>;
  return (
    <ol className={css["timeline"]}>
      {timelineOf(message).map((attempt) => (
        <Entry key={`${attempt.attempt}-${attempt.at}-${attempt.kind}`} attempt={attempt} />
      ))}
    </ol>
  );
}

function Entry({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const tone = attemptTone(attempt);
  const Glyph = tone === "retry" && attempt.kind === "refused" ? IconArrowBackUp : ICON[attempt.kind];
  const facts: [string, string | null][] = [
    [t("message.stage"), attempt.kind === "bounce" ? null : attempt.stage],
    [t("message.code"), [attempt.code, attempt.enhanced].filter((each) => each !== null).join(" ") || null],
    [t("message.type"), attempt.type === null ? null : t(`type.${attempt.type}`)],
    [t("message.reason"), attempt.reason === null ? null : t(`reason.${attempt.reason}`)],
    [t("message.mx"), attempt.mx],
    [t("message.tls"), attempt.kind === "bounce" ? null : (attempt.tls ?? t("message.noTls"))],
    [t("message.sourceIp"), attempt.sourceIp],
    [t("message.took"), attempt.durationMs === null ? null : formats.duration(attempt.durationMs / 1000)],
    [t("message.rule"), attempt.rule],
  ];
  return (
    <li className={css["entry"]} data-tone={tone}>
      <span className={css["glyph"]}>
        <Glyph size={16} stroke={2} aria-hidden />
      </span>
      <div className={css["entryBody"]}>
        <p className={css["entryHead"]}>
          <b>{t(`message.kind.${attempt.kind}`)}</b>
          {attempt.kind === "bounce" ? (
            // No attempt of ours: a mail told it.
            <span className="muted">{t("message.byMail")}</span>
          ) : (
            <span className="muted">{t("message.attempt", { n: attempt.attempt })}</span>
          )}
          <span className={css["at"]}>
            {formats.clock(attempt.at)} · <When iso={attempt.at} />
          </span>
        </p>
        {attempt.reply !== "" && <p className={css["reply"]}>{attempt.reply}</p>}
        <dl className={css["facts"]}>
          {facts.map(([word, value]) =>
            value === null ? null : (
              <div key={word}>
                <dt>{word}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </div>
    </li>
  );
}
