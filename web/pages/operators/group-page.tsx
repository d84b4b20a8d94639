/** One group of operators, or a new one: its name, its roles, who is in it. */
import { MultiSelect, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { OperatorGroup } from "../../../src/contract/operators.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldsOf } from "../../parts/form-fields.ts";
import { allOperatorsQuery, groupPath, groupQuery, OPERATORS_KEY } from "../../queries-operators.ts";
import { RolesField } from "./roles-field.tsx";
import { emptyGroup, errorsIn, groupDraftOf, groupRequestOf } from "./view-model.ts";

const route = getRouteApi("/operators/groups/$id");

export function GroupPage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(groupQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("access.groups")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/operators/groups">{t("access.groups")}</Link>;
}

function Editor({ stored }: { stored: OperatorGroup | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? emptyGroup : groupDraftOf(stored),
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null
        ? post<OperatorGroup>("/operator-groups", groupRequestOf(typed))
        : put<OperatorGroup>(groupPath(stored.id), version, groupRequestOf(typed)),
    onSaved: async (saved) => {
      await client.invalidateQueries({ queryKey: OPERATORS_KEY });
      if (stored === null) await navigate({ to: "/operators/groups/$id", params: { id: saved.id }, replace: true });
    },
  });
  const errors = errorsIn(problem, emptyGroup);
  const field = fieldsOf({ draft, set, errors: errors.fields }, (name) => t(`access.${name}`));
  const operators = useQuery(allOperatorsQuery).data?.data ?? [];
  return (
    <EditorPage
      title={stored?.name ?? t("access.newGroup")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "access.createGroup" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && <Remove group={stored} />}
    >
      <FormGroup>
        <TextInput {...field.text("name")} />
        <MultiSelect
          label={t("access.members")}
          data={operators.map(({ id, login, name }) => ({ value: id, label: `${name} (${login})` }))}
          value={[...draft.members]}
          error={errors.fields.members}
          onChange={(members) => set({ members })}
          searchable
          nothingFoundMessage={t("access.nobody")}
        />
        <RolesField roles={draft.roles} error={errors.fields.roles} onChange={(roles) => set({ roles })} />
      </FormGroup>
    </EditorPage>
  );
}

function Remove({ group: { id, name } }: { group: OperatorGroup }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("access.removeGroupTitle", { name }),
        text: t("access.removeGroupText"),
        yes: t("access.removeGroup"),
      }}
      path={groupPath(id)}
      version={null}
      to="/operators/groups"
      list={OPERATORS_KEY}
      own={groupQuery(id).queryKey}
    />
  );
}
