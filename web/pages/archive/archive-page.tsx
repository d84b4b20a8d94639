/** One archive, or a new one: its fields, what it says to a test, taking it out of use. */
import { Button, Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Archive } from "../../../src/contract/index.ts";
import { ApiProblem, post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import shared from "../../parts/form.module.css";
import { May } from "../../parts/may.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { archivePath, archiveQuery, archivesQuery, ledgerQuery } from "../../queries.ts";
import { type ArchiveDraft, draftOf, emptyArchive, errorsOf, requestOf } from "./archive-draft.ts";
import { ArchiveFields } from "./archive-fields.tsx";
import { Changes } from "./changes.tsx";
import { TestPanel } from "./test-panel.tsx";

const route = getRouteApi("/archive/$id");

export function ArchivePage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(archiveQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return (
    <>
      <PageHead title={t("archive.title")} before={<Back />} />
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton height={400} radius="md" />
      )}
    </>
  );
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/archive">{t("archive.title")}</Link>;
}

function Editor({ stored }: { stored: Archive | null }) {
  const { t } = useTranslation();
  const form = useRef<HTMLDivElement>(null);
  const [refusal, setRefusal] = useState<unknown>(null);
  const { draft, set, dirty, save } = useArchiveEditor(stored);
  const problem = save.error instanceof ApiProblem ? save.error.problem : null;
  const errors = errorsOf(problem);
  const count = Object.keys(errors.fields).length + errors.others.length;
  useEffect(() => {
    if (problem !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  const addressHidden = stored?.target.kind === "smtp" && stored.target.address === null;
  return (
    <div ref={form}>
      <PageHead
        title={stored?.name ?? t("archive.new")}
        before={<Back />}
        actions={
          !addressHidden && (
            <>
              {stored !== null && <Delete archive={stored} onRefused={setRefusal} />}
              <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty}>
                {t(stored === null ? "archiveForm.create" : "editor.save")}
              </Button>
            </>
          )
        }
      />
      <div className={shared["form"]}>
        {refusal !== null && <Failure error={refusal} />}
        {save.isError && count === 0 && <Failure error={save.error} />}
        {count > 0 && (
          <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.fields", { count })}>
            {errors.others.map((each) => (
              <p key={each}>{each}</p>
            ))}
          </Notice>
        )}
        {addressHidden && (
          <Notice tone="excluded" icon={IconLock} title={t("archiveForm.hiddenTitle")}>
            <p>{t("archiveForm.hiddenText")}</p>
          </Notice>
        )}
        <ArchiveFields
          draft={draft}
          set={set}
          errors={errors.fields}
          readOnly={addressHidden}
          hasSecret={stored?.hasSecret === true}
          kindFixed={stored !== null}
          addressHidden={addressHidden}
        />
        {stored !== null && (
          <>
            <May right="platform.write">
              <TestPanel id={stored.id} unsaved={dirty} />
            </May>
            <Changes id={stored.id} />
          </>
        )}
      </div>
    </div>
  );
}

/** What is typed, over which version, and saving it. */
function useArchiveEditor(stored: Archive | null) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState<{ draft: ArchiveDraft; version: number } | null>(null);
  const start = stored === null ? emptyArchive : draftOf(stored);
  const draft = typed?.draft ?? start;
  const set = (part: Partial<ArchiveDraft>) =>
    setTyped((before) => ({
      version: before?.version ?? stored?.version ?? 0,
      draft: { ...(before?.draft ?? start), ...part },
    }));
  const save = useMutation({
    mutationFn: () =>
      stored === null
        ? post<Archive>("/archives", requestOf(draft))
        : put<Archive>(archivePath(stored.id), typed?.version ?? stored.version, requestOf(draft)),
    onSuccess: async (saved) => {
      client.setQueryData(archiveQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: archivesQuery.queryKey, exact: true });
      void client.invalidateQueries({ queryKey: ledgerQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["archives", saved.id, "audit"] });
      setTyped(null);
      notifications.show({ message: t("editor.saved"), color: "ink" });
      if (stored === null) await navigate({ to: "/archive/$id", params: { id: saved.id }, replace: true });
    },
  });
  return { draft, set, dirty: typed !== null, save };
}

function Delete({ archive, onRefused }: { archive: Archive; onRefused: (error: unknown) => void }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("archiveForm.deleteTitle", { name: archive.name }),
        text: t("archiveForm.deleteText"),
        yes: t("archiveForm.delete"),
      }}
      path={archivePath(archive.id)}
      version={archive.version}
      to="/archive"
      list={archivesQuery.queryKey}
      own={archiveQuery(archive.id).queryKey}
      onRefused={onRefused}
    />
  );
}
