/** One segment, or a new one: its label, its tree as boxes or as JSON, and how many people it is while it is built. */
import { SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Segment } from "../../../src/contract/segments.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { useMayWrite } from "../../parts/may.tsx";
import { segmentPath, segmentQuery, SEGMENTS_KEY } from "../../queries-audience.ts";
import { Builder, type BuilderProps } from "./builder.tsx";
import { Preview, useSegmentPreview } from "./preview.tsx";
import css from "./segments.module.css";
import { asGroup, readJson, type Tree } from "./tree.ts";

const route = getRouteApi("/segments/$id");
type Draft = { label: string; tree: Tree };
const EMPTY: Draft = { label: "", tree: { and: [] } };

export function SegmentPage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(segmentQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("segments.title")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/segments">{t("segments.title")}</Link>;
}

function Editor({ stored }: { stored: Segment | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const readOnly = !useMayWrite();
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? EMPTY : { label: stored.label, tree: asGroup(stored.tree) },
    version: stored?.version ?? null,
    save: ({ label, tree }, version) => {
      const request = { label: label.trim(), tree };
      return stored === null
        ? post<Segment>("/segments", request)
        : put<Segment>(segmentPath(stored.id), version, request);
    },
    onSaved: async (saved) => {
      client.setQueryData(segmentQuery(saved.id).queryKey, saved);
      await client.invalidateQueries({ queryKey: SEGMENTS_KEY });
      if (stored === null) await navigate({ to: "/segments/$id", params: { id: saved.id }, replace: true });
    },
  });
  const preview = useSegmentPreview(draft.tree);
  // What is wrong with the tree stands at its conditions already.
  const errors = fieldErrors(problem, ([name]) => (name === "label" || name === "tree" ? name : null));
  return (
    <EditorPage
      title={stored?.label ?? t("segments.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "segments.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && <Remove segment={stored} />}
    >
      <TextInput
        label={t("templates.label")}
        maxLength={500}
        readOnly={readOnly}
        value={draft.label}
        error={errors.fields.label}
        onChange={(event) => set({ label: event.currentTarget.value })}
      />
      <FormGroup title={t("segments.who")}>
        <TreeFields tree={draft.tree} errors={preview.errors} readOnly={readOnly} onChange={(tree) => set({ tree })} />
      </FormGroup>
      <Preview {...preview} />
    </EditorPage>
  );
}

const FORMS = ["boxes", "json"] as const;

function TreeFields(props: BuilderProps) {
  const { t } = useTranslation();
  const [form, setForm] = useState<(typeof FORMS)[number]>("boxes");
  return (
    <>
      <SegmentedControl
        className={css["forms"] ?? ""}
        size="xs"
        aria-label={t("segments.form")}
        value={form}
        data={FORMS.map((value) => ({ value, label: t(`segments.forms.${value}`) }))}
        onChange={(value) => setForm(value === "json" ? "json" : "boxes")}
      />
      {form === "json" ? <AsJson {...props} /> : <Builder {...props} tree={asGroup(props.tree)} />}
    </>
  );
}

/** What is no JSON yet stays in the field, and the tree as it was. */
function AsJson({ tree, errors, readOnly, onChange }: BuilderProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => JSON.stringify(tree, null, 2));
  const read = readJson(text);
  const said = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("\n");
  return (
    <Textarea
      label={t("segments.json")}
      description={t("segments.jsonHint")}
      classNames={{ input: css["json"] ?? "" }}
      autosize
      minRows={10}
      maxRows={30}
      spellCheck={false}
      readOnly={readOnly}
      value={text}
      error={"problem" in read ? t("segments.noJson", { problem: read.problem }) : said || undefined}
      errorProps={{ style: { whiteSpace: "pre-line" } }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const next = readJson(event.currentTarget.value);
        if ("tree" in next) onChange(next.tree);
      }}
    />
  );
}

function Remove({ segment: { id, label, version } }: { segment: Segment }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("segments.removeTitle", { label }),
        text: t("segments.removeText"),
        yes: t("segments.remove"),
      }}
      path={segmentPath(id)}
      version={version}
      to="/segments"
      list={SEGMENTS_KEY}
      own={segmentQuery(id).queryKey}
    />
  );
}
