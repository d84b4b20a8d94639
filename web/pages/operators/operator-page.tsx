/** One operator, or a new one: who they are, what they may, and the acts on how they get in. */
import { MultiSelect, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Invitation, Operator } from "../../../src/contract/operators.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import form from "../../parts/form.module.css";
import { useToldErrors } from "../../parts/told-errors.ts";
import { groupPath, groupsQuery, operatorPath, operatorQuery, OPERATORS_KEY } from "../../queries-operators.ts";
import { sessionQuery } from "../../queries.ts";
import { InvitationDialog, OperatorAccess } from "./operator-access.tsx";
import { RolesField } from "./roles-field.tsx";
import { changedGroups, draftOf, emptyOperator, errorsIn, type OperatorDraft, requestOf } from "./view-model.ts";

const route = getRouteApi("/operators/$id");

export function OperatorPage() {
  const { id } = route.useParams();
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  return (
    <>
      {id === "new" ? (
        <Editor key="new" stored={null} onInvited={setInvitation} />
      ) : (
        <Stored key={id} id={id} onInvited={setInvitation} />
      )}
      {invitation !== null && <InvitationDialog invitation={invitation} onSeen={() => setInvitation(null)} />}
    </>
  );
}

type OnInvited = (invitation: Invitation) => void;

function Stored({ id, onInvited }: { id: string; onInvited: OnInvited }) {
  const { t } = useTranslation();
  const query = useQuery(operatorQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} onInvited={onInvited} />;
  return <EditorWaits title={t("access.tab.operators")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/operators">{t("access.tab.operators")}</Link>;
}

function Editor({ stored, onInvited }: { stored: Operator | null; onInvited: OnInvited }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const saveOperator = useSaveOperator(stored, onInvited);
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? emptyOperator : draftOf(stored),
    version: stored?.version ?? null,
    save: saveOperator,
    onSaved: async (saved) => {
      if (stored === null) await navigate({ to: "/operators/$id", params: { id: saved.id }, replace: true });
    },
  });
  const own = useQuery(sessionQuery).data?.operator?.id;
  const errors = errorsIn(problem, emptyOperator);
  return (
    <EditorPage
      title={stored?.login ?? t("access.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "access.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && stored.id !== own && <Remove operator={stored} />}
    >
      {stored !== null && (
        <OperatorAccess operator={stored} unsaved={dirty} isOwn={stored.id === own} onInvited={onInvited} />
      )}
      <OperatorFields draft={draft} set={set} errors={errors.fields} inherited={stored?.inherited ?? []} />
    </EditorPage>
  );
}

/** The operator first, then each group that changes, over the version that was read: one that somebody changed since is told. */
function useSaveOperator(stored: Operator | null, onInvited: OnInvited) {
  const client = useQueryClient();
  const tellError = useToldErrors();
  return async (typed: OperatorDraft, version: number | null): Promise<Operator> => {
    const request = requestOf(typed);
    let saved: Operator;
    if (stored === null) {
      const made = await post<Operator & Invitation>("/operators", request);
      onInvited(made);
      saved = made;
    } else saved = await put<Operator>(operatorPath(stored.id), version, request);
    const before = stored?.groups.map(({ id }) => id) ?? [];
    if (before.toSorted().join() !== typed.groups.toSorted().join()) {
      const groups = await client.fetchQuery({ ...groupsQuery, staleTime: 0 });
      for (const { group, request: body } of changedGroups(saved.id, before, typed.groups, groups.data)) {
        await put(groupPath(group.id), group.version, body).catch(tellError);
      }
    }
    await client.invalidateQueries({ queryKey: OPERATORS_KEY });
    return saved;
  };
}

type FieldsProps = FormProps<OperatorDraft> & { inherited: Operator["inherited"] };

function OperatorFields({ inherited, ...props }: FieldsProps) {
  const { t } = useTranslation();
  const { draft, set, errors } = props;
  const groups = useQuery(groupsQuery).data?.data ?? [];
  const field = fieldsOf<Pick<OperatorDraft, "login" | "name" | "email">>(props, (name) => t(`access.${name}`));
  return (
    <>
      <FormGroup title={t("access.person")}>
        <div className={form["pair"]}>
          <TextInput {...field.text("login")} description={t("access.loginHint")} placeholder="ann@example.com" />
          <TextInput {...field.text("name")} />
        </div>
        <TextInput {...field.text("email")} description={t("access.emailHint")} inputMode="email" />
      </FormGroup>
      <FormGroup title={t("access.may")}>
        <RolesField
          roles={draft.roles}
          inherited={inherited}
          error={errors.roles}
          onChange={(roles) => set({ roles })}
        />
        <MultiSelect
          label={t("access.groups")}
          description={t(groups.length === 0 ? "access.noGroups" : "access.groupsHint")}
          disabled={groups.length === 0}
          data={groups.map(({ id, name }) => ({ value: id, label: name }))}
          value={[...draft.groups]}
          onChange={(value) => set({ groups: value })}
          searchable
        />
      </FormGroup>
    </>
  );
}

function Remove({ operator: { id, login } }: { operator: Operator }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("access.removeTitle", { login }),
        text: t("access.removeText"),
        yes: t("access.remove"),
      }}
      path={operatorPath(id)}
      version={null}
      to="/operators"
      list={OPERATORS_KEY}
      own={operatorQuery(id).queryKey}
    />
  );
}
