/** How it goes with one mailbox: its last look, what was said, looking now, and a test that changes nothing. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconPlugConnected, IconRefresh } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Mailbox, MailboxTest } from "../../../src/contract/mailboxes.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { FormGroup } from "../../parts/editor-page.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { NotKnown } from "../../parts/not-known.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { mailboxPath } from "../../queries-inbound.ts";
import { MailboxBadge, usePoll } from "./mailboxes.tsx";
import css from "./mailboxes.module.css";

/** `unsaved`: what is typed is not what a test or a look would use. */
export function MailboxHealth({ mailbox, unsaved }: { mailbox: Mailbox; unsaved: boolean }) {
  const { t } = useTranslation();
  const poll = usePoll();
  const test = useMutation({ mutationFn: () => post<MailboxTest>(`${mailboxPath(mailbox.id)}/actions/test`) });
  const { state } = mailbox;
  return (
    <FormGroup title={t("mailboxes.health")}>
      <MailboxFacts mailbox={mailbox} />
      {state.error !== null && (
        <Notice
          tone="failed"
          icon={IconAlertTriangle}
          title={t("mailboxes.failures", { count: Math.max(1, state.failures) })}
        >
          <p className="mono">{state.error}</p>
        </Notice>
      )}
      {state.note !== null && <p className="muted">{state.note}</p>}
      <div className={css["acts"]}>
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          disabled={unsaved || !mailbox.enabled || state.status === "polling"}
          loading={poll.isPending}
          onClick={() => poll.mutate(mailbox)}
        >
          {t("mailboxes.poll")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={16} aria-hidden />}
          disabled={unsaved}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t("mailboxes.test")}
        </Button>
        <span className="muted">{t(unsaved ? "archiveForm.testUnsaved" : "mailboxes.testMeaning")}</span>
      </div>
      <div aria-live="polite">
        {test.isError && <Failure error={test.error} />}
        {test.data !== undefined && !test.isPending && <Result result={test.data} />}
      </div>
    </FormGroup>
  );
}

function MailboxFacts({ mailbox: { state } }: { mailbox: Mailbox }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const when = (iso: string | null): ReactNode => (iso === null ? <NotKnown /> : <When iso={iso} />);
  const facts: [string, ReactNode][] = [
    [t("mailboxes.col.state"), <MailboxBadge key="state" state={state} />],
    [t("mailboxes.col.polled"), when(state.polledAt)],
    [t("mailboxes.succeeded"), when(state.succeededAt)],
    [t("mailboxes.next"), state.nextPollAt === null ? "–" : <When key="next" iso={state.nextPollAt} />],
    [t("mailboxes.found"), state.found === null ? <NotKnown key="found" /> : formats.int(state.found)],
    [t("mailboxes.col.taken"), formats.int(state.taken)],
    [t("mailboxes.deleted"), formats.int(state.deleted)],
  ];
  return <Facts facts={facts} />;
}

function Result({ result: { ok, detail, messages } }: { result: MailboxTest }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <p className={css["result"]} data-test={ok ? "ok" : "failed"}>
      <Badge
        tone={ok ? "sent" : "failed"}
        icon={ok ? IconCircleCheck : IconCircleX}
        word={t(ok ? "mailboxes.testOk" : "mailboxes.testFailed")}
      />
      <span className={css["detail"]}>
        {detail}
        {messages !== null && ` ${t("mailboxes.messages", { count: messages, n: formats.int(messages) })}`}
      </span>
    </p>
  );
}
