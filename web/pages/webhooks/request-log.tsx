/** The requests to a webhook, newest first; each with what was sent and every attempt, and sent again where somebody wants that. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRepeat } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { WebhookAttempt, WebhookMessage } from "../../../src/contract/webhooks.ts";
import { post } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { May } from "../../parts/may.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { webhookMessagePath, webhookMessageQuery, webhookMessagesQuery, webhookPath } from "../../queries-telling.ts";
import { REQUEST_STATES, type RequestSearch } from "./view-model.ts";
import { RequestBadge } from "./webhook-badge.tsx";
import css from "./webhooks.module.css";

const route = getRouteApi("/webhooks/$id");
const column = columnsOf<WebhookMessage>();
const EVERY_MS = 5000;
/** What was given up within so long is sent again by one button. */
const WINDOW_MS = 7 * 24 * 3600 * 1000;

function requestColumns(t: TFunction, formats: Formats, open: (id: string) => void): Columns<WebhookMessage> {
  return [
    column.display({
      id: "types",
      header: t("webhooks.events"),
      meta: { width: "34%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)} title={original.types.join(", ")}>
          {original.types.join(", ")}
          {original.events > 1 && ` (${formats.int(original.events)})`}
        </RowButton>
      ),
    }),
    column.accessor("state", {
      header: t("webhooks.state"),
      meta: { width: "140px" },
      cell: (info) => <RequestBadge state={info.getValue()} />,
    }),
    column.display({
      id: "said",
      header: t("webhooks.answer"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => {
        const said = original.error ?? (original.status === null ? "–" : `HTTP ${original.status}`);
        return <span title={said}>{said}</span>;
      },
    }),
    column.accessor("attempts", {
      header: t("webhooks.attempts"),
      meta: { num: true, width: "100px", hide: "narrow" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("at", {
      header: t("webhooks.at"),
      meta: { num: true, width: "130px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function RequestLog({ id }: { id: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery({ ...webhookMessagesQuery(id, search.state), refetchInterval: EVERY_MS });
  const change = useCallback(
    (part: RequestSearch) =>
      void navigate({ search: (before: RequestSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useMemo(() => requestColumns(t, formats, (request) => change({ request })), [t, formats, change]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <Section title={t("webhooks.log")}>
      <Toolbar>
        <ChoiceFilter
          label={t("webhooks.state")}
          width={180}
          value={search.state}
          values={REQUEST_STATES}
          word={(value) => t(`webhooks.request.${value}`)}
          onChange={(state) => change({ state })}
        />
        <May>
          <ReplayFailed id={id} />
        </May>
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("webhooks.log")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          currentId={search.request}
          skeletons={3}
          empty={<p className="muted">{t("webhooks.noRequests")}</p>}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {search.request !== undefined && (
        <RequestDrawer id={id} message={search.request} onClose={() => change({ request: undefined })} />
      )}
    </Section>
  );
}

function useAgain(id: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["webhook", id] });
}

function ReplayFailed({ id }: { id: string }) {
  const { t } = useTranslation();
  const again = useAgain(id);
  const replay = useMutation({
    mutationFn: () =>
      post<{ requests: number }>(`${webhookPath(id)}/actions/replay`, {
        since: new Date(Date.now() - WINDOW_MS).toISOString(),
      }),
    onSuccess: async ({ requests }) => {
      notifications.show({ message: t("webhooks.replayed", { count: requests }), color: "ink" });
      await again();
    },
    onError: useToldErrors(),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconRepeat size={16} aria-hidden />}
      loading={replay.isPending}
      onClick={() => replay.mutate()}
    >
      {t("webhooks.replayFailed")}
    </Button>
  );
}

function RequestDrawer({ id, message, onClose }: { id: string; message: string; onClose: () => void }) {
  const { t } = useTranslation();
  const again = useAgain(id);
  const query = useQuery({ ...webhookMessageQuery(id, message), refetchInterval: EVERY_MS });
  const replay = useMutation({
    mutationFn: () => post<WebhookMessage>(`${webhookMessagePath(id, message)}/actions/replay`),
    onSuccess: again,
    onError: useToldErrors(),
  });
  const { data } = query;
  return (
    <Drawer title={data?.key ?? t("webhooks.log")} onClose={onClose} wide>
      {query.isError && data === undefined && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {data !== undefined && (
        <div className={css["detail"]}>
          <div className={css["acts"]}>
            <RequestBadge state={data.state} />
            {data.nextAttemptAt !== null && (
              <span className="muted">
                {t("webhooks.next")} <When iso={data.nextAttemptAt} />
              </span>
            )}
            <May>
              <Button size="xs" variant="default" loading={replay.isPending} onClick={() => replay.mutate()}>
                {t("webhooks.replay")}
              </Button>
            </May>
          </div>
          <h3>{t("webhooks.attempts")}</h3>
          {data.log.length === 0 && <p className="muted">{t("webhooks.notTried")}</p>}
          <ol className={css["attempts"]}>
            {data.log.map((attempt) => (
              <Attempt key={attempt.attempt} attempt={attempt} />
            ))}
          </ol>
          <h3>{t("webhooks.body")}</h3>
          <pre className={css["body"]}>{pretty(data.body)}</pre>
        </div>
      )}
    </Drawer>
  );
}

function Attempt({ attempt: { at, status, error, durationMs, response } }: { attempt: WebhookAttempt }) {
  const formats = useFormats();
  return (
    <li>
      <When iso={at} /> · {error ?? `HTTP ${status ?? ""}`} · {formats.int(durationMs)} ms
      {response !== "" && <pre className={css["body"]}>{response}</pre>}
    </li>
  );
}

/** A batch of a thousand events is long enough on one line. */
const PRETTY_MAX = 100_000;
const pretty = (body: string) => (body.length > PRETTY_MAX ? body : JSON.stringify(JSON.parse(body), null, 2));
