/** How it goes with one webhook, a test, and the secret by which its requests are known. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconKey, IconRefresh, IconSend } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Webhook, WebhookMessage, WebhookSecret } from "../../../src/contract/webhooks.ts";
import { get, post } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { Copy } from "../../parts/copy.tsx";
import { FormGroup } from "../../parts/editor-page.tsx";
import { Facts } from "../../parts/facts.tsx";
import { May } from "../../parts/may.tsx";
import { NotKnown } from "../../parts/not-known.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { webhookPath, webhookQuery } from "../../queries-telling.ts";
import { WebhookBadge } from "./webhook-badge.tsx";
import css from "./webhooks.module.css";

/** `unsaved`: what is typed is not where a test would go. */
export function WebhookHealth({ webhook, unsaved }: { webhook: Webhook; unsaved: boolean }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { health } = webhook;
  const error = health.disabledReason ?? health.lastError;
  return (
    <FormGroup title={t("webhooks.health")}>
      <Facts
        facts={[
          [t("webhooks.state"), <WebhookBadge key="state" health={health} />],
          [t("webhooks.pending"), formats.int(health.pending)],
          [
            t("webhooks.succeeded"),
            health.succeededAt === null ? <NotKnown key="at" /> : <When key="at" iso={health.succeededAt} />,
          ],
          ...(health.failingSince === null
            ? []
            : ([[t("webhooks.failingSince"), <When key="since" iso={health.failingSince} />]] as const)),
          ...(health.pausedUntil === null
            ? []
            : ([[t("webhooks.pausedUntil"), <When key="until" iso={health.pausedUntil} />]] as const)),
        ]}
      />
      {error !== null && (
        <Notice
          tone="failed"
          icon={IconAlertTriangle}
          title={
            health.disabledReason === null
              ? t("webhooks.failures", { count: Math.max(1, health.failures) })
              : t("webhooks.switchedOff")
          }
        >
          <p className="mono">{error}</p>
        </Notice>
      )}
      <May>
        <Acts webhook={webhook} unsaved={unsaved} />
      </May>
    </FormGroup>
  );
}

function Acts({ webhook, unsaved }: { webhook: Webhook; unsaved: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useToldErrors();
  const path = webhookPath(webhook.id);
  const [asked, setAsked] = useState(false);
  const show = useMutation({ mutationFn: () => get<WebhookSecret>(`${path}/secret`), onError });
  const test = useMutation({
    mutationFn: () => post<WebhookMessage>(`${path}/actions/test`),
    onSuccess: async () => {
      notifications.show({ message: t("webhooks.testSent"), color: "ink" });
      await client.invalidateQueries({ queryKey: ["webhook", webhook.id, "messages"] });
    },
    onError,
  });
  const rotate = useMutation({
    mutationFn: () => post<Webhook>(`${path}/actions/rotate-secret`, {}),
    onSuccess: (changed) => {
      client.setQueryData(webhookQuery(changed.id).queryKey, changed);
      setAsked(false);
      show.mutate();
    },
    onError,
  });
  return (
    <>
      <div className={css["acts"]}>
        <Button
          variant="default"
          leftSection={<IconSend size={16} aria-hidden />}
          disabled={unsaved || !webhook.enabled}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t("webhooks.test")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconKey size={16} aria-hidden />}
          loading={show.isPending}
          onClick={() => show.mutate()}
        >
          {t("webhooks.showSecret")}
        </Button>
        <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => setAsked(true)}>
          {t("webhooks.rotate")}
        </Button>
      </div>
      {show.data !== undefined && (
        <div aria-live="polite">
          <Copy value={show.data.secret} label={t("webhooks.secret")} />
          {show.data.previousUntil !== null && (
            <p className="muted">
              {t("webhooks.previous")} <When iso={show.data.previousUntil} />
            </p>
          )}
        </div>
      )}
      <Confirm
        question={
          asked ? { title: t("webhooks.rotateTitle"), text: t("webhooks.rotateText"), yes: t("webhooks.rotate") } : null
        }
        busy={rotate.isPending}
        onYes={() => rotate.mutate()}
        onNo={() => setAsked(false)}
      />
    </>
  );
}
