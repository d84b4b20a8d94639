/** One condition: what it is about, and with what it is compared. */
import { Checkbox, MultiSelect, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { someListsQuery, someSegmentsQuery } from "../../queries-audience.ts";
import { deliveriesQuery, importsQuery } from "../../queries.ts";
import { ComparisonFields } from "./comparison-fields.tsx";
import css from "./segments.module.css";
import { shapeOf, type Tree } from "./tree.ts";

type Props<T extends Tree = Tree> = { node: T; onChange: (node: Tree) => void };
type BehaviourNode = Extract<Tree, { behaviour: string }>;
type StatusNode = Extract<Tree, { addressStatus: readonly string[] }>;

const STATUSES = ["valid", "with-errors", "held", "quarantined", "denylisted"] as const;
export const BEHAVIOURS = [
  "received",
  "opened",
  "not-opened",
  "clicked",
  "not-clicked",
  "targeted",
  "excluded",
  "failed",
  "pending",
  "cancelled",
  "in-doubt",
  "unsubscribed",
  "complained",
] as const satisfies readonly BehaviourNode["behaviour"][];
const REACTIONS: readonly string[] = ["opened", "not-opened", "clicked", "not-clicked"];

export function Condition({ node, onChange }: Props) {
  if ("list" in node) return <ListChoice node={node} onChange={onChange} />;
  if ("import" in node) return <ImportChoice node={node} onChange={onChange} />;
  if ("segment" in node) return <SegmentChoice node={node} onChange={onChange} />;
  if ("addressStatus" in node) return <StatusChoice node={node} onChange={onChange} />;
  if ("behaviour" in node) return <BehaviourFields node={node} onChange={onChange} />;
  if (shapeOf(node).kind === "comparison" && "is" in node) return <ComparisonFields node={node} onChange={onChange} />;
  return <code className="mono">{JSON.stringify(node)}</code>;
}

type Choice = { id: string; label: string };
type ChoiceProps = { word: string; id: string; choices: readonly Choice[]; onChoose: (id: string) => void };

/** What is chosen and not among those that were read stays chosen, by its id. */
function OneOf({ word, id, choices, onChoose }: ChoiceProps) {
  const { t } = useTranslation();
  const missing = id !== "" && !choices.some((each) => each.id === id);
  return (
    <>
      <span className={css["word"]}>{word}</span>
      <NativeSelect
        aria-label={word}
        className={css["wide"] ?? ""}
        value={id}
        data={[
          ...(id === "" ? [{ value: "", label: t("wizard.choose") }] : []),
          ...(missing ? [{ value: id, label: id }] : []),
          ...choices.map((each) => ({ value: each.id, label: each.label })),
        ]}
        onChange={(event) => onChoose(event.currentTarget.value)}
      />
    </>
  );
}

function ListChoice({ node, onChange }: Props<Extract<Tree, { list: string }>>) {
  const { t } = useTranslation();
  const lists = useQuery(someListsQuery).data?.data ?? [];
  return <OneOf word={t("segments.onList")} id={node.list} choices={lists} onChoose={(list) => onChange({ list })} />;
}

function ImportChoice({ node, onChange }: Props<Extract<Tree, { import: string }>>) {
  const { t } = useTranslation();
  const rows = useInfiniteQuery(importsQuery).data?.pages.flatMap((page) => page.data) ?? [];
  const done = rows.filter(({ status, dryRun }) => status === "completed" && !dryRun);
  const choices = done.map(({ id, fileName }) => ({ id, label: fileName }));
  return (
    <OneOf
      word={t("segments.inImport")}
      id={node.import}
      choices={choices}
      onChoose={(id) => onChange({ import: id })}
    />
  );
}

function SegmentChoice({ node, onChange }: Props<Extract<Tree, { segment: string }>>) {
  const { t } = useTranslation();
  const segments = useQuery(someSegmentsQuery).data?.data ?? [];
  return (
    <OneOf
      word={t("segments.inSegment")}
      id={node.segment}
      choices={segments}
      onChoose={(segment) => onChange({ segment })}
    />
  );
}

function StatusChoice({ node, onChange }: Props<StatusNode>) {
  const { t } = useTranslation();
  return (
    <>
      <span className={css["word"]}>{t("segments.status")}</span>
      <Checkbox.Group
        aria-label={t("segments.status")}
        value={[...node.addressStatus]}
        onChange={(value) => onChange({ addressStatus: STATUSES.filter((status) => value.includes(status)) })}
      >
        <div className={css["statuses"]}>
          {STATUSES.map((status) => (
            <Checkbox key={status} size="xs" value={status} label={t(`quarantine.status.${status}`)} />
          ))}
        </div>
      </Checkbox.Group>
    </>
  );
}

type Scope = "last" | "within" | "these";
const scopeOf = ({ deliveries }: BehaviourNode): Scope =>
  "last" in deliveries ? "last" : "within" in deliveries ? "within" : "these";
const FIRST: Record<Scope, BehaviourNode["deliveries"]> = { last: { last: 3 }, within: { within: "30d" }, these: [] };

function BehaviourFields({ node, onChange }: Props<BehaviourNode>) {
  const { t } = useTranslation();
  const set = (part: Partial<BehaviourNode>) => onChange({ ...node, ...part });
  const scope = scopeOf(node);
  return (
    <>
      <NativeSelect
        aria-label={t("segments.behaviour")}
        value={node.behaviour}
        data={BEHAVIOURS.map((value) => ({ value, label: t(`segments.behaviours.${value}`) }))}
        onChange={(event) => {
          const behaviour = BEHAVIOURS.find((value) => value === event.currentTarget.value) ?? "received";
          // Whether machines count, and of which link, only some behaviours know.
          onChange({ behaviour, deliveries: node.deliveries });
        }}
      />
      <NativeSelect
        aria-label={t("segments.which")}
        value={scope}
        data={(["last", "within", "these"] as const).map((value) => ({ value, label: t(`segments.scope.${value}`) }))}
        onChange={(event) => set({ deliveries: FIRST[event.currentTarget.value as Scope] })}
      />
      <ScopeFields node={node} set={set} />
      {REACTIONS.includes(node.behaviour) && (
        <Checkbox
          size="xs"
          label={t("segments.machines")}
          checked={node.machines === true}
          onChange={(event) => {
            const { machines: _before, ...rest } = node;
            onChange(event.currentTarget.checked ? { ...rest, machines: true } : rest);
          }}
        />
      )}
    </>
  );
}

function ScopeFields({
  node: { deliveries },
  set,
}: {
  node: BehaviourNode;
  set: (part: Partial<BehaviourNode>) => void;
}) {
  const { t } = useTranslation();
  const all = useInfiniteQuery(deliveriesQuery).data?.pages.flatMap((page) => page.data) ?? [];
  if ("last" in deliveries) {
    return (
      <NumberInput
        aria-label={t("segments.scope.last")}
        w={70}
        min={1}
        max={50}
        value={deliveries.last}
        onChange={(value) => typeof value === "number" && set({ deliveries: { last: value } })}
      />
    );
  }
  if ("within" in deliveries) {
    return (
      <TextInput
        aria-label={t("segments.scope.within")}
        placeholder="30d"
        w={80}
        value={deliveries.within}
        onChange={(event) => set({ deliveries: { within: event.currentTarget.value } })}
      />
    );
  }
  const missing = deliveries.filter((id) => !all.some((each) => each.id === id));
  return (
    <MultiSelect
      aria-label={t("segments.scope.these")}
      className={css["wide"] ?? ""}
      searchable
      data={[
        ...all.map(({ id, label }) => ({ value: id, label: `${label} (${id})` })),
        ...missing.map((id) => ({ value: id, label: id })),
      ]}
      value={[...deliveries]}
      onChange={(value) => set({ deliveries: value })}
    />
  );
}
