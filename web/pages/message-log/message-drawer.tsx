/** One message: every attempt with what the server said, what its recipient did, its variables, its exact bytes. */
import { Anchor, SegmentedControl, Skeleton } from "@mantine/core";
import { IconFlag } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { MessageDetail } from "../../../src/contract/index.ts";
import { apiUrl } from "../../api.ts";
import { Badge, StatusBadge } from "../../parts/badge.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { deliveryQuery, messageQuery, mirrorUrl } from "../../queries.ts";
import { SingleBadge } from "../single-messages/single-badge.tsx";
import { SingleFacts } from "../single-messages/single-facts.tsx";
import { MessageCopies } from "./message-copies.tsx";
import { MessageMails } from "./message-mails.tsx";
import { MessageReactions } from "./message-reactions.tsx";
import { MessageSource } from "./message-source.tsx";
import css from "./message.module.css";
import { Timeline } from "./timeline.tsx";
import { varsOf } from "./view-model.ts";

const TABS = ["timeline", "reactions", "variables", "source"] as const;

type Props = { messageKey: string; recipient: string | undefined; onClose: () => void };

export function MessageDrawer({ messageKey, recipient, onClose }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [tab, setTab] = useState<(typeof TABS)[number]>("timeline");
  const query = useQuery(messageQuery(messageKey));
  const message = query.data;
  const reactions = message?.reactions.length ?? 0;
  const tabLabel = (name: (typeof TABS)[number]) =>
    name === "reactions" && reactions > 0
      ? `${t("message.reactions")} (${formats.int(reactions)})`
      : t(`message.${name}`);
  return (
    <Drawer
      title={message?.recipient ?? recipient ?? t("message.title")}
      beside={
        message !== undefined && (
          <>
            {message.complained && (
              <Badge tone="failed" icon={IconFlag} word={t("message.complained")} title={t("message.complainedMark")} />
            )}
            {message.single === null ? (
              <StatusBadge status={message.status} />
            ) : (
              <SingleBadge status={message.single.status} />
            )}
          </>
        )
      }
      onClose={onClose}
    >
      <SegmentedControl
        fullWidth
        size="xs"
        mb={14}
        value={tab}
        onChange={(value) => setTab(value as typeof tab)}
        data={TABS.map((value) => ({ value, label: tabLabel(value) }))}
        aria-label={t("common.details")}
      />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={160} radius="md" />}
      {message !== undefined && tab === "timeline" && <TimelineTab message={message} />}
      {message !== undefined && tab === "reactions" && <MessageReactions reactions={message.reactions} />}
      {message !== undefined && tab === "variables" && <Variables message={message} />}
      {tab === "source" && <MessageSource messageKey={messageKey} digest={message?.digest ?? null} />}
    </Drawer>
  );
}

function TimelineTab({ message }: { message: MessageDetail }) {
  const { t } = useTranslation();
  return (
    <>
      {message.inDoubt && (
        <p className={css["doubt"]} data-tone="doubt">
          {t("log.inDoubtMark")}
        </p>
      )}
      {message.nextAttemptAt !== null && (
        <p className={css["next"]} data-tone="retry">
          {t("message.nextAttempt", { when: "" })}
          <When iso={message.nextAttemptAt} />
        </p>
      )}
      {message.complained && (
        <p className={css["next"]} data-tone="failed">
          {t("message.complainedMark")}
        </p>
      )}
      {message.single !== null && <SingleFacts single={message.single} />}
      <Timeline message={message} />
      <MessageMails messageKey={message.key} />
      <MessageCopies copies={message.copies} />
      <Foot message={message} />
    </>
  );
}

/** Its key, and its mirror page, also where that has no public link. */
function Foot({ message }: { message: MessageDetail }) {
  const { t } = useTranslation();
  const { data: delivery } = useQuery(deliveryQuery(message.deliveryId));
  return (
    <p className={css["key"]}>
      <span>
        {t("message.key")} <code className="mono">{message.key}</code>
      </span>
      {delivery !== undefined && delivery.settings.mirror !== "none" && (
        <Anchor href={apiUrl(mirrorUrl(message.key))} target="_blank" rel="noreferrer" fz={13} underline="always">
          {t("message.mirror")}
        </Anchor>
      )}
    </p>
  );
}

function Variables({ message }: { message: MessageDetail }) {
  const { t } = useTranslation();
  const vars = varsOf(message.vars);
  if (vars.length === 0) return <p className="muted">{t("message.noVariables")}</p>;
  return (
    <dl className={css["pairs"]}>
      {vars.map(({ name, value }) => (
        <div key={name}>
          <dt className="mono">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
