/** The mailboxes that mail is fetched from: whether it works, when somebody looked last, what came of it. */
import { ActionIcon } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconCircleCheck,
  IconCircleX,
  IconLoader,
  IconMailbox,
  IconPlayerPause,
  IconRefresh,
  type Icon,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Mailbox } from "../../../src/contract/mailboxes.ts";
import { post } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { FetchedTable } from "../../parts/fetched-table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { Empty } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { mailboxesQuery, mailboxPath, mailboxQuery } from "../../queries-inbound.ts";
import type { Tone } from "../../tones.ts";
import { InboundHead } from "../inbound-mails/inbound-head.tsx";

type Status = Mailbox["state"]["status"];
const column = columnsOf<Mailbox>();
const EVERY_MS = 5000;

const LOOK: Record<Status, { tone: Tone; icon: Icon }> = {
  waiting: { tone: "sent", icon: IconCircleCheck },
  polling: { tone: "waiting", icon: IconLoader },
  failing: { tone: "failed", icon: IconCircleX },
  disabled: { tone: "excluded", icon: IconPlayerPause },
};

export function MailboxBadge({ state }: { state: Mailbox["state"] }) {
  const { t } = useTranslation();
  const status = state.status === "waiting" && state.polledAt === null ? "new" : state.status;
  const { tone, icon } = status === "new" ? LOOK.polling : LOOK[status];
  return <Badge tone={tone} icon={icon} word={t(`mailboxes.status.${status}`)} />;
}

function mailboxColumns(t: TFunction, formats: Formats, poll: (mailbox: Mailbox) => void): Columns<Mailbox> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("name", {
      header: t("mailboxes.col.name"),
      meta: { width: "20%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/inbound-mails/mailboxes/$id"
          params={{ id: original.id }}
          title={original.name}
        >
          {original.name}
        </Link>
      ),
    }),
    column.display({
      id: "state",
      header: t("mailboxes.col.state"),
      meta: { width: "128px" },
      cell: ({ row: { original } }) => <MailboxBadge state={original.state} />,
    }),
    column.display({
      id: "server",
      header: t("mailboxes.col.server"),
      meta: { width: "20%", hide: "medium" },
      cell: ({ row: { original } }) => {
        const server = `${original.protocol.toUpperCase()} ${original.host}`;
        return <span title={`${server}:${original.port}`}>{server}</span>;
      },
    }),
    column.display({
      id: "polled",
      header: t("mailboxes.col.polled"),
      meta: { num: true, width: "112px", hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.state.polledAt === null ? dash : <When iso={original.state.polledAt} />,
    }),
    column.display({
      id: "taken",
      header: t("mailboxes.col.taken"),
      meta: { num: true, width: "90px", hide: "narrow" },
      cell: ({ row: { original } }) => formats.int(original.state.taken),
    }),
    column.display({
      id: "said",
      header: t("mailboxes.col.said"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => {
        const said = original.state.error ?? original.state.note;
        return said === null ? dash : <span title={said}>{said}</span>;
      },
    }),
    column.display({
      id: "poll",
      header: () => <span className="visually-hidden">{t("mailboxes.poll")}</span>,
      meta: { num: true, width: "56px" },
      cell: ({ row: { original } }) => (
        <ActionIcon
          variant="subtle"
          c="var(--muted)"
          size={28}
          disabled={!original.enabled || original.state.status === "polling"}
          aria-label={`${t("mailboxes.poll")}: ${original.name}`}
          title={t("mailboxes.poll")}
          onClick={() => poll(original)}
        >
          <IconRefresh size={16} aria-hidden />
        </ActionIcon>
      ),
    }),
  ];
}

export function usePoll() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  return useMutation({
    mutationFn: ({ id }: Pick<Mailbox, "id">) => post<Mailbox>(`${mailboxPath(id)}/actions/poll`),
    onSuccess: async (mailbox) => {
      client.setQueryData(mailboxQuery(mailbox.id).queryKey, mailbox);
      notifications.show({ message: t("mailboxes.polls", { name: mailbox.name }), color: "ink" });
      await client.invalidateQueries({ queryKey: mailboxesQuery.queryKey });
    },
    onError: tellError,
  });
}

export function Mailboxes() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { mutate: poll } = usePoll();
  const query = useQuery({ ...mailboxesQuery, refetchInterval: EVERY_MS });
  const columns = useMemo(() => mailboxColumns(t, formats, poll), [t, formats, poll]);
  return (
    <>
      <InboundHead
        intro={t("mailboxes.intro")}
        actions={<NewButton to="/inbound-mails/mailboxes/$id" word={t("mailboxes.new")} />}
      />
      <FetchedTable
        query={query}
        label={t("inbound.tab.mailboxes")}
        columns={columns}
        rowId={(row) => row.id}
        skeletons={3}
        empty={
          <Empty icon={IconMailbox} title={t("mailboxes.emptyTitle")} text={t("mailboxes.emptyText")}>
            <NewButton to="/inbound-mails/mailboxes/$id" word={t("mailboxes.new")} />
          </Empty>
        }
      />
    </>
  );
}
