/** The exact bytes of one message, made again, and whether they are the ones that were sent. */
import { Anchor, Skeleton } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconCircleX, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { apiUrl } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { Failure } from "../../parts/notice.tsx";
import { type DigestVerdict, sourceQuery, sourceUrl } from "../../queries.ts";
import type { Tone } from "../../tones.ts";
import css from "./message.module.css";

const VERDICT: Record<DigestVerdict, { tone: Tone; icon: Icon }> = {
  match: { tone: "sent", icon: IconCircleCheck },
  differs: { tone: "failed", icon: IconCircleX },
  none: { tone: "waiting", icon: IconCircleDashed },
};

export function MessageSource({ messageKey, digest }: { messageKey: string; digest: string | null }) {
  const { t } = useTranslation();
  const query = useQuery(sourceQuery(messageKey));
  const { data } = query;
  return (
    <>
      <p className={css["sourceHead"]}>
        <span className="muted">{t("message.sourceWhy")}</span>
        <Anchor href={apiUrl(sourceUrl(messageKey))} target="_blank" rel="noreferrer" fz={13} underline="always">
          {t("message.openSource")}
        </Anchor>
      </p>
      {data !== undefined && (
        <div className={css["digest"]} role="status">
          <Badge
            tone={VERDICT[data.digest].tone}
            icon={VERDICT[data.digest].icon}
            word={t(`message.digest.${data.digest}`)}
            title={t(`message.digestMeaning.${data.digest}`)}
          />
          {digest !== null && <code title={`SHA-256 ${digest}`}>SHA-256 {digest}</code>}
        </div>
      )}
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={320} radius="md" />}
      {data !== undefined && (
        <pre className={css["raw"]} tabIndex={0}>
          {data.text}
        </pre>
      )}
    </>
  );
}
