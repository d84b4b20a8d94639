/** One message: every attempt with what the server said, the variables it was written with, its exact bytes. */
import { Anchor, SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { MessageDetail } from "../../../src/contract/index.ts";
import { apiUrl } from "../../api.ts";
import { StatusBadge } from "../../parts/badge.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Failure } from "../../parts/notice.tsx";
import { When } from "../../parts/when.tsx";
import { messageQuery, sourceQuery, sourceUrl } from "../../queries.ts";
import css from "./message.module.css";
import { Timeline } from "./timeline.tsx";
import { varsOf } from "./view-model.ts";

const TABS = ["timeline", "variables", "source"] as const;

type Props = { messageKey: string; recipient: string | undefined; onClose: () => void };

export function MessageDrawer({ messageKey, recipient, onClose }: Props) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<(typeof TABS)[number]>("timeline");
  const query = useQuery(messageQuery(messageKey));
  const message = query.data;
  return (
    <Drawer
      title={message?.recipient ?? recipient ?? t("message.title")}
      beside={message !== undefined && <StatusBadge status={message.status} />}
      onClose={onClose}
    >
      <SegmentedControl
        fullWidth
        size="xs"
        mb={14}
        value={tab}
        onChange={(value) => setTab(value as typeof tab)}
        data={TABS.map((value) => ({ value, label: t(`message.${value}`) }))}
        aria-label={t("common.details")}
      />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={160} radius="md" />}
      {message !== undefined && tab === "timeline" && <TimelineTab message={message} />}
      {message !== undefined && tab === "variables" && <Variables message={message} />}
      {tab === "source" && <Source messageKey={messageKey} />}
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
      <Timeline message={message} />
      <p className={css["key"]}>
        {t("message.key")} <code className="mono">{message.key}</code>
      </p>
    </>
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

function Source({ messageKey }: { messageKey: string }) {
  const { t } = useTranslation();
  const query = useQuery(sourceQuery(messageKey));
  return (
    <>
      <p className={css["sourceHead"]}>
        <span className="muted">{t("message.sourceWhy")}</span>
        <Anchor href={apiUrl(sourceUrl(messageKey))} target="_blank" rel="noreferrer" fz={13} underline="always">
          {t("message.openSource")}
        </Anchor>
      </p>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={320} radius="md" />}
      {query.data !== undefined && (
        <pre className={css["raw"]} tabIndex={0}>
          {query.data}
        </pre>
      )}
    </>
  );
}
