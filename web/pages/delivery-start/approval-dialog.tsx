/** Who has to approve what, who may start, and whether the delivery starts by itself. */
import { MultiSelect, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, Settings } from "../../../src/contract/index.ts";
import { approvalDraft, approvalOf, REVIEWED } from "./draft.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { namesQuery } from "./queries.ts";
import { useSaveSettings } from "./save-settings.ts";

const MODES = ["manual", "semi-automatic", "automatic"] as const satisfies readonly Settings["approval"]["mode"][];

export function ApprovalDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: names } = useQuery(namesQuery);
  const [draft, setDraft] = useState(() => approvalDraft(delivery.settings));
  const save = useSaveSettings(delivery, onClose);
  const people = [
    {
      group: t("start.edit.operators"),
      items: (names?.operators ?? []).map(({ id, name }) => ({ value: `o:${id}`, label: name })),
    },
    {
      group: t("start.edit.groups"),
      items: (names?.groups ?? []).map(({ id, name }) => ({ value: `g:${id}`, label: name })),
    },
  ];
  return (
    <FormDialog
      title={t("start.edit.approvals")}
      yes={t("start.save")}
      error={save.error}
      busy={save.isPending}
      onYes={() => save.mutate({ approval: approvalOf(draft) })}
      onClose={onClose}
    >
      <NativeSelect
        label={t("start.edit.mode")}
        value={draft.mode}
        data={MODES.map((value) => ({ value, label: t(`start.edit.modes.${value}`) }))}
        onChange={(event) => {
          const mode = event.currentTarget.value as Settings["approval"]["mode"];
          setDraft((before) => ({ ...before, mode }));
        }}
      />
      {REVIEWED.map((name) => (
        <MultiSelect
          key={name}
          label={t(`start.edit.${name}`)}
          data={people}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t("start.edit.clear") }}
          value={draft[name]}
          onChange={(value) => setDraft((before) => ({ ...before, [name]: value }))}
        />
      ))}
      <TextInput
        label={t("start.edit.deadline")}
        description={t("start.edit.deadlineHint")}
        autoComplete="off"
        value={draft.deadline}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setDraft((before) => ({ ...before, deadline: value }));
        }}
      />
    </FormDialog>
  );
}
