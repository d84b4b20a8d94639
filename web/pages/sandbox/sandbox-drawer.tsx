/** One message as it arrived: rendered, text, headers, raw bytes. */
import { SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Drawer } from "../../parts/drawer.tsx";
import { harmless } from "../../parts/harmless.ts";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type SandboxMessageDetail, sandboxMessageQuery } from "../../queries.ts";
import css from "./sandbox.module.css";
import { firstTab, returnPath, type Tab, TABS } from "./view-model.ts";

export function SandboxDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [chosen, setChosen] = useState<Tab | null>(null);
  const query = useQuery(sandboxMessageQuery(id));
  const message = query.data;
  const tab = chosen ?? (message === undefined ? "html" : firstTab(message));
  return (
    <Drawer
      title={message === undefined ? t("message.title") : message.subject || t("sandbox.noSubject")}
      onClose={onClose}
    >
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={320} radius="md" />}
      {message !== undefined && (
        <>
          <dl className={css["facts"]}>
            <dt>{t("sandbox.col.recipient")}</dt>
            <dd>{message.rcptTo}</dd>
            <dt>{t("sandbox.col.from")}</dt>
            <dd>{returnPath(message.mailFrom)}</dd>
            <dt>{t("sandbox.col.at")}</dt>
            <dd>
              {formats.dateTime(message.at)} · {formats.bytes(message.size)}
            </dd>
          </dl>
          <SegmentedControl
            fullWidth
            size="xs"
            mb={12}
            value={tab}
            onChange={(value) => setChosen(value as Tab)}
            data={TABS.map((value) => ({ value, label: t(`sandbox.tab.${value}`) }))}
            aria-label={t("common.details")}
          />
          <Part message={message} tab={tab} />
        </>
      )}
    </Drawer>
  );
}

function Part({ message, tab }: { message: SandboxMessageDetail; tab: Tab }) {
  const { t } = useTranslation();
  if (tab === "headers") {
    return (
      <dl className={css["headers"]}>
        {message.headers.map(({ name, value }, index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    );
  }
  const body = message[tab];
  if (body === null || body === "") return <p className="muted">{t("sandbox.noPart")}</p>;
  if (tab === "html") {
    return <iframe className={css["frame"]} sandbox="" srcDoc={harmless(body)} title={t("sandbox.frame")} />;
  }
  return (
    <pre className={css["raw"]} tabIndex={0}>
      {body}
    </pre>
  );
}
