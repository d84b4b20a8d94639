/** What somebody must look at, each with the messages that it is about, until somebody says that it is resolved. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ArchiveAlert, ArchiveLedger } from "../../../src/contract/index.ts";
import { act, post } from "../../api.ts";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { ledgerQuery } from "../../queries.ts";
import css from "./archive.module.css";
import { ALERT_TONE, retryOf } from "./view-model.ts";

const SHOWN_AT_FIRST = 8;

export function Alerts({ ledger }: { ledger: ArchiveLedger }) {
  const { t } = useTranslation();
  if (ledger.alerts.length === 0) return null;
  return (
    <ul className={css["alerts"]} aria-label={t("archiveAlert.title")}>
      {ledger.alerts.map((alert) => (
        <Alert
          key={alert.id}
          alert={alert}
          archive={ledger.byArchive.find(({ id }) => id === alert.archiveId)?.name ?? null}
        />
      ))}
    </ul>
  );
}

function Alert({ alert, archive }: { alert: ArchiveAlert; archive: string | null }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const title = t(`archiveAlert.kind.${alert.kind}`);
  return (
    <li className={css["alert"]} data-tone={ALERT_TONE[alert.kind]} data-alert={alert.kind}>
      <IconAlertTriangle size={18} aria-hidden />
      <div className={css["alertBody"]}>
        <p className={css["alertTitle"]}>{title}</p>
        <p>{alert.message}</p>
        <p className={css["alertFacts"]}>
          <When iso={alert.at} />
          {archive !== null && <span>{archive}</span>}
          {alert.deliveryId !== null && (
            <Link to="/deliveries/$id" params={{ id: alert.deliveryId }}>
              {t("archiveAlert.delivery", { id: alert.deliveryId })}
            </Link>
          )}
          {alert.count > 0 && (
            <span>{t("archiveAlert.copies", { count: alert.count, n: formats.int(alert.count) })}</span>
          )}
        </p>
        <Keys alert={alert} />
      </div>
      <div className={css["alertActs"]}>
        <Again alert={alert} title={title} />
        <Resolve id={alert.id} title={title} />
      </div>
    </li>
  );
}

function Keys({ alert: { keys, count } }: { alert: ArchiveAlert }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [all, setAll] = useState(false);
  if (keys.length === 0) return null;
  const folded = !all && keys.length > SHOWN_AT_FIRST;
  const beyond = count - keys.length;
  return (
    <p className={css["keys"]}>
      {keys.slice(0, folded ? SHOWN_AT_FIRST : keys.length).map((key) => (
        <Link key={key} to="/messages" search={{ message: key }} className="mono">
          {key}
        </Link>
      ))}
      {folded && (
        <button type="button" className={css["all"]} onClick={() => setAll(true)}>
          {t("archiveAlert.showAll", { n: formats.int(keys.length) })}
        </button>
      )}
      {!folded && beyond > 0 && <span>{t("archiveAlert.more", { count: beyond, n: formats.int(beyond) })}</span>}
    </p>
  );
}

/** Copies that nobody tries any more are tried again only when somebody asks for these. */
function Again({ alert, title }: { alert: ArchiveAlert; title: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const request = retryOf(alert);
  const again = useMutation({
    mutationFn: () => post<{ retried: number }>("/archive/actions/retry", request),
    onSuccess: async ({ retried }) => {
      notifications.show({ message: t("archive.retried", { count: retried, n: formats.int(retried) }), color: "ink" });
      await client.invalidateQueries({ queryKey: ["archive"] });
    },
    onError: tellError,
  });
  if (request === null) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconRefresh size={14} aria-hidden />}
      aria-label={t("archiveAlert.againThese", { title })}
      loading={again.isPending}
      onClick={() => again.mutate()}
    >
      {t("archiveAlert.again")}
    </Button>
  );
}

function Resolve({ id, title }: { id: string; title: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const resolve = useMutation({
    mutationFn: () => act(`/archive/alerts/${encodeURIComponent(id)}/actions/resolve`),
    onSuccess: async () => {
      notifications.show({ message: t("archiveAlert.resolved"), color: "ink" });
      await client.invalidateQueries({ queryKey: ledgerQuery.queryKey });
    },
    onError: tellError,
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconCheck size={14} aria-hidden />}
      aria-label={t("archiveAlert.resolveThis", { title })}
      loading={resolve.isPending}
      onClick={() => resolve.mutate()}
    >
      {t("archiveAlert.resolve")}
    </Button>
  );
}
