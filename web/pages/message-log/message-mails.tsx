/** Mail that came in about one message: bounces, delays, complaints, automatic answers; what each of them did. */
import {
  IconClockExclamation,
  IconFlag,
  IconMail,
  IconMailCheck,
  IconMailOff,
  IconMailX,
  IconRobot,
  type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { InboundMailEntry } from "../../../src/contract/inbound.ts";
import { When } from "../../parts/when.tsx";
import { mailsAboutQuery } from "../../queries-bounces.ts";
import type { Tone } from "../../tones.ts";
import css from "./message.module.css";
import { mailTone } from "./view-model.ts";

type Kind = NonNullable<InboundMailEntry["kind"]>;

const ICON: Record<Kind, Icon> = {
  bounce: IconMailX,
  delayed: IconClockExclamation,
  success: IconMailCheck,
  complaint: IconFlag,
  "auto-reply": IconRobot,
  unsubscribe: IconMailOff,
  other: IconMail,
};

/** Nothing while it is being asked for, and where no mail came: most messages never get one. */
export function MessageMails({ messageKey }: { messageKey: string }) {
  const { t } = useTranslation();
  const mails = useQuery(mailsAboutQuery(messageKey)).data?.data ?? [];
  if (mails.length === 0) return null;
  return (
    <>
      <h3 className={css["sub"]}>{t("message.mails")}</h3>
      <ol className={css["timeline"]}>
        {mails.map((mail) => (
          <Mail key={mail.id} mail={mail} tone={mailTone(mail)} />
        ))}
      </ol>
    </>
  );
}

function Mail({ mail, tone }: { mail: InboundMailEntry; tone: Tone }) {
  const { t } = useTranslation();
  const { kind, outcome, type, reason } = mail;
  const Glyph = ICON[kind ?? "other"];
  return (
    <li className={css["entry"]} data-tone={tone}>
      <span className={css["glyph"]}>
        <Glyph size={16} stroke={2} aria-hidden />
      </span>
      <div className={css["entryBody"]}>
        <p className={css["entryHead"]}>
          <b>{kind === null ? t("message.mailWaiting") : t(`message.mailKind.${kind}`)}</b>
          {outcome !== null && (
            <span className="muted">{t(`message.mailOutcome.${outcome as "noted"}`, { defaultValue: outcome })}</span>
          )}
          <span className={css["at"]}>
            <When iso={mail.receivedAt} />
          </span>
        </p>
        {type !== null && reason !== null && (
          <p className={css["agent"]}>
            {t(`type.${type}`)} · {t(`reason.${reason}`)}
          </p>
        )}
      </div>
    </li>
  );
}
