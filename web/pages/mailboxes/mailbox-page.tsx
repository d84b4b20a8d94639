/** One mailbox, or a new one: how it goes, its fields, a test, deleting it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Mailbox } from "../../../src/contract/mailboxes.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, useEditor } from "../../parts/editor-page.tsx";
import { mailboxesQuery, mailboxPath, mailboxQuery } from "../../queries-inbound.ts";
import { draftOf, emptyMailbox, errorsOf, requestOf } from "./mailbox-draft.ts";
import { MailboxFields } from "./mailbox-fields.tsx";
import { MailboxHealth } from "./mailbox-health.tsx";

const route = getRouteApi("/inbound-mails/mailboxes/$id");
const EVERY_MS = 3000;

export function MailboxPage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({ ...mailboxQuery(id), refetchInterval: EVERY_MS });
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("inbound.tab.mailboxes")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/inbound-mails/mailboxes">{t("inbound.tab.mailboxes")}</Link>;
}

function Editor({ stored }: { stored: Mailbox | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? emptyMailbox : draftOf(stored),
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null
        ? post<Mailbox>("/mailboxes", requestOf(typed))
        : put<Mailbox>(mailboxPath(stored.id), version ?? stored.version, requestOf(typed)),
    onSaved: async (saved) => {
      client.setQueryData(mailboxQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: mailboxesQuery.queryKey });
      if (stored === null) {
        await navigate({ to: "/inbound-mails/mailboxes/$id", params: { id: saved.id }, replace: true });
      }
    },
  });
  const errors = errorsOf(problem);
  return (
    <EditorPage
      title={stored?.name ?? t("mailboxes.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "mailboxForm.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && <Delete mailbox={stored} />}
    >
      {stored !== null && <MailboxHealth mailbox={stored} unsaved={dirty} />}
      <MailboxFields draft={draft} set={set} errors={errors.fields} hasSecret={stored?.hasSecret === true} />
    </EditorPage>
  );
}

function Delete({ mailbox: { id, name, version } }: { mailbox: Mailbox }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("mailboxes.deleteTitle", { name }),
        text: t("mailboxes.deleteText"),
        yes: t("mailboxes.delete"),
      }}
      path={mailboxPath(id)}
      version={version}
      to="/inbound-mails/mailboxes"
      list={mailboxesQuery.queryKey}
      own={mailboxQuery(id).queryKey}
    />
  );
}
