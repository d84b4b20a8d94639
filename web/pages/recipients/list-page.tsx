/** One list: its label, putting people on it and taking them off by address, deleting it. */
import { Button, TextInput } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { MembersResult, RecipientList } from "../../../src/contract/audience-recipients.ts";
import { patch, post } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { fieldsOf } from "../../parts/form-fields.ts";
import { May } from "../../parts/may.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { listPath, listQuery, LISTS_KEY, RECIPIENTS_KEY } from "../../queries-audience.ts";
import { PeopleByAddress } from "./people-by-address.tsx";
import css from "./recipients.module.css";
import { linesOf } from "./view-model.ts";

const route = getRouteApi("/lists/$id");
const VERBS = ["add", "remove"] as const;

export function ListPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery(listQuery(id));
  if (query.data !== undefined) return <Editor key={id} stored={query.data} />;
  return <EditorWaits title={t("lists.title")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/lists">{t("lists.title")}</Link>;
}

function Editor({ stored }: { stored: RecipientList }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const { draft, set, dirty, save, problem } = useEditor({
    start: { label: stored.label },
    version: stored.version,
    save: (typed, version) =>
      patch<RecipientList>(listPath(stored.id), version ?? stored.version, { label: typed.label.trim() }),
    onSaved: () => client.invalidateQueries({ queryKey: LISTS_KEY }),
  });
  const errors = fieldErrors(problem, ([name]) => (name === "label" ? name : null));
  const field = fieldsOf({ draft, set, errors: errors.fields }, () => t("templates.label"));
  return (
    <EditorPage
      title={stored.label}
      before={<Back />}
      save={save}
      saveWord={t("editor.save")}
      dirty={dirty}
      errors={errors}
      acts={<Remove list={stored} />}
    >
      <FormGroup>
        <TextInput {...field.text("label")} maxLength={255} />
        <div>
          <Button
            component={Link}
            to="/recipients"
            search={{ list: stored.id } as never}
            variant="default"
            leftSection={<IconUsers size={16} aria-hidden />}
          >
            {t("lists.show", { count: stored.members, n: formats.int(stored.members) })}
          </Button>
        </div>
      </FormGroup>
      <May>
        <Members list={stored} />
      </May>
    </EditorPage>
  );
}

function Members({ list: { id } }: { list: RecipientList }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const change = useMutation({
    mutationFn: (verb: (typeof VERBS)[number]) =>
      post<MembersResult>(`${listPath(id)}/members`, { [verb]: linesOf(typed) }),
    onSuccess: async ({ unknown }) => {
      // What nobody has stays, to be corrected.
      setTyped(unknown.join("\n"));
      await client.invalidateQueries({ queryKey: LISTS_KEY });
      await client.invalidateQueries({ queryKey: RECIPIENTS_KEY });
    },
  });
  return (
    <PeopleByAddress
      title={t("lists.change")}
      hint={t("lists.addressesHint")}
      typed={typed}
      onType={setTyped}
      verbs={VERBS}
      word={(verb) => t(`lists.${verb}`)}
      change={change}
      outcome={change.data !== undefined && <Result result={change.data} />}
    />
  );
}

function Result({ result: { added, removed, unchanged, unknown } }: { result: MembersResult }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const words = { added: formats.int(added), removed: formats.int(removed), unchanged: formats.int(unchanged) };
  return (
    <div className={css["result"]} role="status">
      <p>{t("lists.changed", words)}</p>
      {unknown.length > 0 && <p>{t("lists.unknown", { count: unknown.length, n: formats.int(unknown.length) })}</p>}
    </div>
  );
}

function Remove({ list: { id, label, version } }: { list: RecipientList }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{ title: t("lists.removeTitle", { label }), text: t("lists.removeText"), yes: t("lists.delete") }}
      path={listPath(id)}
      version={version}
      to="/lists"
      list={LISTS_KEY}
      own={listQuery(id).queryKey}
    />
  );
}
