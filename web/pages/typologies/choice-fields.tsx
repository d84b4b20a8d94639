/** Who is meant: a saved segment, conditions of one's own, a list, a file, a service, or people of a delivery. */
import { MultiSelect, NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";

import form from "../../parts/form.module.css";
import { Builder } from "../segments/builder.tsx";
import { BEHAVIOURS } from "../segments/condition.tsx";
import { asGroup } from "../segments/tree.ts";
import {
  blankChoice,
  type Choice,
  CHOICE_KINDS,
  type ChoiceKind,
  idOf,
  kindOf,
  type Tree,
  treeOf,
  withId,
} from "./choice-model.ts";
import type { Placed } from "./rule-errors.ts";
import css from "./typologies.module.css";
import { useRuleNames } from "./use-rule-names.ts";

type Props = {
  choice: Choice;
  kinds?: readonly ChoiceKind[];
  /** Those at a tree stand at its conditions. */
  errors: readonly Placed[];
  readOnly: boolean;
  onChange: (choice: Choice) => void;
};

export function ChoiceFields(props: Props) {
  const { choice, kinds = CHOICE_KINDS, onChange } = props;
  const { t } = useTranslation();
  const kind = kindOf(choice);
  return (
    <>
      <div className={`${form["pair"]} ${css["top"]}`}>
        <NativeSelect
          label={t("typologyRule.who.label")}
          value={kind}
          data={(kinds.includes(kind) ? kinds : [...kinds, kind]).map((value) => ({
            value,
            label: t(`typologyRule.who.kinds.${value}`),
          }))}
          onChange={(event) => {
            const next = kinds.find((value) => value === event.currentTarget.value);
            if (next !== undefined) onChange(blankChoice(next));
          }}
        />
        {kind !== "tree" && <Named {...props} kind={kind} />}
      </div>
      {kind === "tree" && <Conditions {...props} tree={treeOf(choice)} />}
      {"outcome" in choice && <Outcome choice={choice} onChange={onChange} />}
    </>
  );
}

const said = (errors: readonly Placed[]) => errors.map(({ message }) => message).join("\n") || undefined;

function Named({ choice, kind, errors, onChange }: Props & { kind: Exclude<ChoiceKind, "tree"> }) {
  const { t } = useTranslation();
  const choices = useRuleNames().choices[kind];
  const id = idOf(choice) ?? "";
  const isKnown = id === "" || choices.some((each) => each.id === id);
  return (
    <NativeSelect
      label={t(`typologyRule.who.which.${kind}`)}
      value={id}
      error={said(errors)}
      data={[
        { value: "", label: t("wizard.choose") },
        ...(isKnown ? [] : [{ value: id, label: id }]),
        ...choices.map((each) => ({ value: each.id, label: each.label })),
      ]}
      onChange={(event) => onChange(withId(choice, event.currentTarget.value))}
    />
  );
}

/** Whether it is these people or all others is said above: `not` around the tree is not part of it. */
function Conditions({ tree, errors, readOnly, onChange }: Props & { tree: Tree }) {
  const { t } = useTranslation();
  const inTree = errors.map(({ rest, message }) => ({
    pointer: rest.replace(/^\/segment(?:\/not)?/, "/tree"),
    message,
  }));
  return (
    <div role="group" aria-label={t("typologyRule.who.conditions")} className={css["tree"]}>
      <Builder
        tree={asGroup(tree)}
        errors={inTree}
        readOnly={readOnly}
        isPlain
        onChange={(next) => onChange({ segment: next })}
      />
    </div>
  );
}

function Outcome({ choice, onChange }: { choice: Extract<Choice, { outcome: unknown }>; onChange: Props["onChange"] }) {
  const { t } = useTranslation();
  return (
    <MultiSelect
      label={t("typologyRule.who.outcome")}
      data={BEHAVIOURS.map((value) => ({ value, label: t(`segments.behaviours.${value}`) }))}
      value={[...choice.outcome]}
      onChange={(value) => onChange({ ...choice, outcome: BEHAVIOURS.filter((each) => value.includes(each)) })}
    />
  );
}
