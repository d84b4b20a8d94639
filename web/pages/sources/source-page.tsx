/** One source, or a new one. */
import { NativeSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { SourceAnswer } from "../../../src/contract/shaping.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import form from "../../parts/form.module.css";
import { oneSourceQuery, sourcePath, sourcesQuery } from "../../queries-sending.ts";
import { emptySource, type SourceDraft, sourceDraftOf, sourceFieldOf, sourceRequestOf, WARM_UPS } from "./drafts.ts";
import { BackToSources, useStoredEditor } from "./stored-editor.tsx";

const route = getRouteApi("/sending/sources/$id");

export function SourcePage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(oneSourceQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("sources.title")} before={<BackToSources />} query={query} />;
}

function Editor({ stored }: { stored: SourceAnswer | null }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useStoredEditor({
    stored,
    start: stored === null ? emptySource : sourceDraftOf(stored),
    requestOf: sourceRequestOf,
    list: "/sources",
    pathOf: sourcePath,
    keyOf: (id) => oneSourceQuery(id).queryKey,
    stale: [["sources"], ["warm-up"]],
    open: (id) => navigate({ to: "/sending/sources/$id", params: { id }, replace: true }),
  });
  const errors = fieldErrors(problem, sourceFieldOf);
  return (
    <EditorPage
      title={stored?.name ?? t("sources.new")}
      before={<BackToSources />}
      save={save}
      saveWord={t(stored === null ? "sourceForm.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && <Delete source={stored} />}
    >
      <Fields draft={draft} set={set} errors={errors.fields} />
    </EditorPage>
  );
}

function Fields(props: FormProps<SourceDraft>) {
  const { t } = useTranslation();
  const field = fieldsOf(props, (name) => t(`sourceForm.${name}`));
  return (
    <FormGroup>
      <TextInput {...field.text("name")} />
      <div className={form["pair"]}>
        <TextInput {...field.text("addressV4")} description={t("sourceForm.addressHint")} placeholder="192.0.2.10" />
        <TextInput {...field.text("addressV6")} placeholder="2001:db8::10" />
      </div>
      <TextInput {...field.text("helo")} description={t("sourceForm.heloHint")} placeholder="out1.example.net" />
      <div className={form["pair"]}>
        <NumberInput {...field.count("sender", 0)} description={t("sourceForm.senderHint")} />
        <NativeSelect
          {...field.choice("warmUp")}
          description={t(`sourceForm.warmUpHint.${props.draft.warmUp}`)}
          data={WARM_UPS.map((value) => ({ value, label: t(`sources.warmUps.${value}`) }))}
        />
      </div>
      <Switch {...field.toggle("enabled")} description={t("sourceForm.enabledHint")} />
    </FormGroup>
  );
}

function Delete({ source }: { source: SourceAnswer }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("sources.deleteTitle", { name: source.name }),
        text: t("sources.deleteText"),
        yes: t("sources.delete"),
      }}
      path={sourcePath(source.id)}
      version={source.version}
      to="/sending/sources"
      list={sourcesQuery.queryKey}
      own={oneSourceQuery(source.id).queryKey}
    />
  );
}
