/** One pool, or a new one: sources with weights, and the shares that follow from them. */
import { ActionIcon, Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { PoolAnswer } from "../../../src/contract/shaping.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import { useFormats } from "../../parts/use-now.ts";
import { poolPath, poolQuery, poolsQuery, sourcesQuery } from "../../queries-sending.ts";
import {
  emptyPool,
  type MemberDraft,
  membersOf,
  type PoolDraft,
  poolDraftOf,
  poolFieldOf,
  poolRequestOf,
} from "./drafts.ts";
import css from "./sources.module.css";
import { BackToSources, useStoredEditor } from "./stored-editor.tsx";
import { sharesOf } from "./view-model.ts";

const route = getRouteApi("/sending/pools/$id");

export function PoolPage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(poolQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("pools.title")} before={<BackToSources />} query={query} />;
}

function Editor({ stored }: { stored: PoolAnswer | null }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useStoredEditor({
    stored,
    start: stored === null ? emptyPool : poolDraftOf(stored),
    requestOf: poolRequestOf,
    list: "/pools",
    pathOf: poolPath,
    keyOf: (id) => poolQuery(id).queryKey,
    stale: [poolsQuery.queryKey],
    open: (id) => navigate({ to: "/sending/pools/$id", params: { id }, replace: true }),
  });
  const errors = fieldErrors(problem, poolFieldOf);
  const field = fieldsOf({ draft, set, errors: errors.fields }, () => t("poolForm.name"));
  return (
    <EditorPage
      title={stored?.name ?? t("pools.new")}
      before={<BackToSources />}
      save={save}
      saveWord={t(stored === null ? "poolForm.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && <Delete pool={stored} />}
    >
      <FormGroup>
        <TextInput {...field.text("name")} description={t("poolForm.nameHint")} />
      </FormGroup>
      <FormGroup title={t("poolForm.members")}>
        <Members draft={draft} set={set} errors={errors.fields} />
      </FormGroup>
    </EditorPage>
  );
}

function Members({ draft, set, errors }: FormProps<PoolDraft>) {
  const { t } = useTranslation();
  const { members } = draft;
  const change = (at: number, part: Partial<MemberDraft>) =>
    set({ members: members.map((member, index) => (index === at ? { ...member, ...part } : member)) });
  return (
    <>
      <ul className={css["members"]}>
        {members.map((member, index) => (
          <Member
            // The rows are what they are by their place; nothing else is unique before a source is chosen.
            key={index}
            number={index + 1}
            member={member}
            draft={draft}
            onChange={(part) => change(index, part)}
            onRemove={() => set({ members: members.filter((_, at) => at !== index) })}
          />
        ))}
      </ul>
      {errors.members !== undefined && <p className={css["refusal"]}>{errors.members}</p>}
      <Button
        className={css["start"] ?? ""}
        size="compact-sm"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => set({ members: [...members, { source: "", weight: 1 }] })}
      >
        {t("poolForm.add")}
      </Button>
    </>
  );
}

type MemberProps = {
  number: number;
  member: MemberDraft;
  draft: PoolDraft;
  onChange: (part: Partial<MemberDraft>) => void;
  onRemove: () => void;
};

function Member({ number, member, draft, onChange, onRemove }: MemberProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const n = formats.int(number);
  const known = sources.some(({ id }) => id === member.source);
  const share = sharesOf(membersOf(draft), sources).find(({ source }) => source === member.source)?.share ?? null;
  return (
    <li className={css["member"]}>
      <NativeSelect
        aria-label={t("poolForm.source", { n })}
        value={member.source}
        data={[
          { value: "", label: t("poolForm.choose") },
          ...sources.map(({ id, name, enabled }) => ({
            value: id,
            label: enabled ? name : `${name} (${t("pools.unusable")})`,
          })),
          ...(known || member.source === ""
            ? []
            : [{ value: member.source, label: t("pools.gone", { id: member.source }) }]),
        ]}
        onChange={(event) => onChange({ source: event.currentTarget.value })}
      />
      <NumberInput
        aria-label={t("poolForm.weight", { n })}
        min={1}
        max={10_000}
        allowDecimal={false}
        allowNegative={false}
        value={member.weight}
        onChange={(value) => onChange({ weight: typeof value === "number" ? value : "" })}
      />
      <span className={css["share"]} title={t("poolForm.shareMeaning")}>
        {share === null ? <span className="muted">–</span> : formats.share(share)}
      </span>
      <ActionIcon variant="subtle" size={36} c="var(--ink)" aria-label={t("poolForm.remove", { n })} onClick={onRemove}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </li>
  );
}

function Delete({ pool }: { pool: PoolAnswer }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("pools.deleteTitle", { name: pool.name }),
        text: t("pools.deleteText"),
        yes: t("pools.delete"),
      }}
      path={poolPath(pool.id)}
      version={pool.version}
      to="/sending/sources"
      list={poolsQuery.queryKey}
      own={poolQuery(pool.id).queryKey}
    />
  );
}
