/** Chooses people: everyone, those of a segment, a list, a service, or of an earlier delivery by what became of them there. */
import { NativeSelect, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import { BEHAVIOURS } from "../segments/condition.tsx";
import type { Chosen, ChosenKind } from "./chosen.ts";
import { useAudienceNames, withChosen } from "./names.ts";

const KINDS = ["segment", "list", "service", "delivery", "all"] as const satisfies readonly ChosenKind[];

type Props = { value: Chosen; error?: string | undefined; onChange: (value: Chosen) => void };

export function AudienceChoice({ value, error, onChange }: Props) {
  const { t } = useTranslation();
  const { kind } = value;
  const hasNames = kind !== "all" && kind !== "kept";
  const kinds = value.kept === null ? KINDS : [...KINDS, "kept" as const];
  return (
    <>
      <div className={hasNames ? shared["pair"] : undefined}>
        <NativeSelect
          label={t("chosen.label")}
          value={kind}
          error={hasNames ? undefined : error}
          data={kinds.map((each) => ({ value: each, label: t(`chosen.kind.${each}`) }))}
          onChange={(event) => {
            const next = kinds.find((each) => each === event.currentTarget.value) ?? kind;
            // The id of a list is none of a segment.
            onChange({ ...value, kind: next, id: "" });
          }}
        />
        {hasNames && <Which value={value} kind={kind} error={error} onChange={onChange} />}
      </div>
      {kind === "delivery" && (
        <NativeSelect
          label={t("chosen.outcome")}
          value={value.outcome}
          data={BEHAVIOURS.map((each) => ({ value: each, label: t(`segments.behaviours.${each}`) }))}
          onChange={(event) => {
            const outcome = BEHAVIOURS.find((each) => each === event.currentTarget.value);
            if (outcome !== undefined) onChange({ ...value, outcome });
          }}
        />
      )}
    </>
  );
}

function Which({ value, kind, error, onChange }: Props & { kind: Exclude<ChosenKind, "all" | "kept"> }) {
  const { t } = useTranslation();
  const names = useAudienceNames()[kind];
  return (
    <Select
      label={t(`chosen.${kind}`)}
      placeholder={t("chosen.choose")}
      error={error}
      searchable
      value={value.id === "" ? null : value.id}
      data={withChosen(names, value.id, value.id).map(({ id, label }) => ({ value: id, label }))}
      onChange={(id) => onChange({ ...value, id: id ?? "" })}
    />
  );
}
