/** The parts of an event of shaping, the same in the list of all events and beside a lane. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAdjustments, IconAlertTriangle, IconArrowBackUp, IconCircleDashed, IconLock } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ShapingEventAnswer } from "../../../src/contract/shaping.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { May } from "../../parts/may.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { useEffectWords, useEndWords, useScopeWords } from "./event-words.ts";
import css from "./sending.module.css";
import { isStanding } from "./view-model.ts";

type Props = { event: ShapingEventAnswer };

/** A restriction that is over has no colour any more. */
export function EventKind({ event }: Props) {
  const { t } = useTranslation();
  const now = useNow(5);
  const word = t(`shaping.kind.${event.kind}`);
  switch (event.kind) {
    case "restricted":
      return isStanding(event, now) ? (
        <Badge tone="paused" icon={IconLock} word={word} />
      ) : (
        <Badge tone={null} icon={IconCircleDashed} word={t("shaping.over")} title={word} />
      );
    case "adjusted":
      return <Badge tone={null} icon={IconAdjustments} word={word} />;
    case "alert":
      return <Badge tone="failed" icon={IconAlertTriangle} word={word} />;
  }
}

export function EventEffect({ event }: Props) {
  const words = useEffectWords()(event.effect);
  return words === "" ? null : <span className={css["effect"]}>{words}</span>;
}

/** What it is about, the reply or figures that were the cause, and the doors to delivery and message. */
export function EventAbout({ event }: Props) {
  const { t } = useTranslation();
  const scopeWords = useScopeWords();
  const { scope, evidence, deliveryId, messageKey } = event;
  const words = scopeWords(scope);
  return (
    <div className={css["about"]}>
      {scope.kind === "lane" ? (
        <Link className="door" to="/sending" search={{ provider: event.provider, source: scope.source }}>
          {words}
        </Link>
      ) : scope.kind === "delivery" ? (
        <Link className="door" to="/deliveries/$id" params={{ id: String(scope.deliveryId) }}>
          {words}
        </Link>
      ) : (
        <span>{words}</span>
      )}
      {evidence !== "" && <span className={css["evidence"]}>{evidence}</span>}
      {(messageKey !== null || deliveryId !== null) && (
        <span className={css["doors"]}>
          {messageKey !== null && (
            <Link to="/messages" search={{ message: messageKey }}>
              {t("shaping.message", { key: messageKey })}
            </Link>
          )}
          {deliveryId !== null && (
            <Link to="/deliveries/$id" params={{ id: deliveryId }}>
              {t("shaping.delivery")} {deliveryId}
            </Link>
          )}
        </span>
      )}
    </div>
  );
}

export function EventCause({ event: { cause } }: Props) {
  const { t } = useTranslation();
  return (
    <>
      {t(`shaping.cause.${cause.kind}`)} <span className={css["rule"]}>{cause.rule}</span>
    </>
  );
}

/** Until when it holds, or how it ended; nothing for what restricts nothing. */
export function EventEnd({ event }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(5);
  const endWords = useEndWords();
  if (event.kind !== "restricted") return null;
  if (!isStanding(event, now)) {
    const at = event.endedAt ?? event.until;
    return (
      <span className="muted">
        {endWords(event.endedAt === null ? { endedBy: "time" } : event)} {at !== null && <When iso={at} />}
      </span>
    );
  }
  return (
    <span className={css["end"]}>
      {event.until === null ? (
        t("shaping.untilEnded")
      ) : (
        <time dateTime={event.until} title={formats.dateTime(event.until)}>
          {formats.moment(event.until)}
        </time>
      )}
      <May right="lanes.steer">
        <Undo event={event} />
      </May>
    </span>
  );
}

function Undo({ event }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const scopeWords = useScopeWords();
  const [asking, setAsking] = useState(false);
  const what = scopeWords(event.scope);
  const undo = useMutation({
    mutationFn: () => post<ShapingEventAnswer>(`/shaping-events/${encodeURIComponent(event.id)}/actions/undo`),
    onSuccess: () => notifications.show({ message: t("shaping.undone"), color: "ink" }),
    onError: tellError,
    // Also when it was refused: somebody else was quicker.
    onSettled: async () => {
      setAsking(false);
      await Promise.all(
        ["shaping-events", "lanes", "lane"].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
  const question = { title: t("shaping.undoTitle"), text: t("shaping.undoText", { what }), yes: t("shaping.undo") };
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconArrowBackUp size={14} aria-hidden />}
        aria-label={t("shaping.undoThis", { what })}
        onClick={() => setAsking(true)}
      >
        {t("shaping.undo")}
      </Button>
      <Confirm
        question={asking ? question : null}
        busy={undo.isPending}
        onYes={() => undo.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
  );
}
