/** One typology: its own rules, and the level of each rule that comes with Envoi. The one that comes with it can only be read and duplicated. */
import { Button, TextInput } from "@mantine/core";
import { IconCopy, IconLock, IconStar } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Typology } from "../../../src/contract/typologies.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { useMayWrite } from "../../parts/may.tsx";
import { Notice } from "../../parts/notice.tsx";
import { PoolChoice } from "../../parts/pool-choice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { typologiesQuery, typologyPath, typologyQuery } from "../../queries-typologies.ts";
import { BuiltInRules } from "./built-in-rules.tsx";
import { mustBeComplete } from "./must-be-complete.ts";
import { OwnRules } from "./own-rules.tsx";
import { typologyDraftOf, typologyFieldOf, typologyRequestOf } from "./typology-draft.ts";

const route = getRouteApi("/typologies/$id");
/** Always there, and read-only: a new typology starts as it is. */
const STANDARD = "1";

export function TypologyPage() {
  const { id } = route.useParams();
  return <Stored key={id} id={id} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/typologies">{t("typologies.title")}</Link>;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const isNew = id === "new";
  const query = useQuery(typologyQuery(isNew ? STANDARD : id));
  const title = isNew ? t("typologies.new") : t("typologies.title");
  if (query.data === undefined) return <EditorWaits title={title} before={<Back />} query={query} />;
  if (!isNew) return <Editor stored={query.data} start={query.data} />;
  return <Editor stored={null} start={{ ...query.data, name: "", description: "" }} />;
}

function Editor({ stored, start }: { stored: Typology | null; start: Typology }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const readOnly = !useMayWrite() || stored?.builtIn === true;
  const { draft, set, dirty, save, problem } = useEditor({
    start: typologyDraftOf(start),
    version: stored?.version ?? null,
    save: async (typed, version) => {
      mustBeComplete(typed.own, t);
      const request = typologyRequestOf(typed);
      return stored === null
        ? post<Typology>("/typologies", request)
        : put<Typology>(typologyPath(stored.id), version, request);
    },
    onSaved: async (saved) => {
      client.setQueryData(typologyQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: typologiesQuery.queryKey });
      if (stored === null) await navigate({ to: "/typologies/$id", params: { id: saved.id }, replace: true });
    },
  });
  const errors = fieldErrors(problem, (names) => typologyFieldOf(names, draft.own.length));
  return (
    <EditorPage
      title={stored?.name ?? t("typologies.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "typologies.create" : "editor.save")}
      dirty={dirty && !readOnly}
      errors={errors}
      acts={stored !== null && <Acts typology={stored} unsaved={dirty} />}
    >
      {stored?.builtIn === true && (
        <Notice tone="waiting" icon={IconLock} title={t("typologies.readOnly")}>
          <p>{t("typologies.readOnlyText")}</p>
        </Notice>
      )}
      <FormGroup>
        <TextInput
          label={t("typologies.name")}
          maxLength={200}
          readOnly={readOnly}
          value={draft.name}
          error={errors.fields.name}
          autoComplete="off"
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t("typologies.description")}
          maxLength={2000}
          readOnly={readOnly}
          value={draft.description}
          error={errors.fields.description}
          autoComplete="off"
          onChange={(event) => set({ description: event.currentTarget.value })}
        />
        <PoolChoice
          label={t("typologies.pool")}
          description={t("typologies.poolHint")}
          value={draft.pool}
          error={errors.fields.pool}
          disabled={readOnly}
          onChange={(event) => set({ pool: event.currentTarget.value })}
        />
      </FormGroup>
      <OwnRules draft={draft} set={set} errors={errors.fields} readOnly={readOnly} typology={stored?.id ?? null} />
      <BuiltInRules rules={draft.builtIn} readOnly={readOnly} onChange={(builtIn) => set({ builtIn })} />
    </EditorPage>
  );
}

function Acts({ typology, unsaved }: { typology: Typology; unsaved: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const tellError = useToldErrors();
  const done = async (made: Typology) => {
    client.setQueryData(typologyQuery(made.id).queryKey, made);
    await client.invalidateQueries({ queryKey: typologiesQuery.queryKey });
  };
  const path = typologyPath(typology.id);
  const duplicate = useMutation({
    mutationFn: () => post<Typology>(`${path}/actions/duplicate`),
    onSuccess: async (made) => {
      await done(made);
      await navigate({ to: "/typologies/$id", params: { id: made.id } });
    },
    onError: tellError,
  });
  const prefer = useMutation({
    mutationFn: () => post<Typology>(`${path}/actions/make-default`),
    onSuccess: done,
    onError: tellError,
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconCopy size={16} aria-hidden />}
        loading={duplicate.isPending}
        disabled={unsaved}
        onClick={() => duplicate.mutate()}
      >
        {t("typologies.duplicate")}
      </Button>
      <Button
        variant="default"
        leftSection={<IconStar size={16} aria-hidden />}
        loading={prefer.isPending}
        disabled={typology.isDefault || unsaved}
        onClick={() => prefer.mutate()}
      >
        {t(typology.isDefault ? "typologies.isDefault" : "typologies.makeDefault")}
      </Button>
      {!typology.builtIn && (
        <DeleteButton
          question={{
            title: t("typologies.deleteTitle", { name: typology.name }),
            text: t("typologies.deleteText"),
            yes: t("typologies.delete"),
          }}
          path={path}
          version={typology.version}
          to="/typologies"
          list={typologiesQuery.queryKey}
          own={typologyQuery(typology.id).queryKey}
          iconOnly
        />
      )}
    </>
  );
}
