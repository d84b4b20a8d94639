/** A mail as it came, as text and nothing else: somebody unknown wrote it. */
import { Anchor, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { InboundMailEntry } from "../../../src/contract/inbound.ts";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { rawMailQuery, rawUrl } from "../../queries-inbound.ts";
import css from "./inbound.module.css";

export function RawMail({ mail: { id, hasRaw, size } }: { mail: InboundMailEntry }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useQuery({ ...rawMailQuery(id), enabled: hasRaw });
  const { data } = query;
  if (!hasRaw) return <p className="muted">{t("inbound.rawGone")}</p>;
  return (
    <>
      <p className={css["rawHead"]}>
        <span className="muted">
          {data?.whole === false ? t("inbound.rawCut", { size: formats.bytes(size) }) : formats.bytes(size)}
        </span>
        <Anchor href={rawUrl(id)} download fz={13} underline="always">
          {t("inbound.download")}
        </Anchor>
      </p>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={320} radius="md" />}
      {data !== undefined && (
        <pre className={css["raw"]} tabIndex={0} aria-label={t("inbound.view.raw")} role="region">
          {data.text}
        </pre>
      )}
    </>
  );
}
