/** Whether the delivery leaves at once, in equal waves, or by a calendar. */
import { Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { type WavesDraft, wavesDraft, wavesOf } from "./draft.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { useSaveSettings } from "./save-settings.ts";
import css from "./start.module.css";

export function WavesDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => wavesDraft(delivery.settings));
  const save = useSaveSettings(delivery, onClose);
  const field = (name: "size" | "every" | "calendar") => ({
    label: t(`start.edit.${name}`),
    description: t(`start.edit.${name}Hint`),
    autoComplete: "off",
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setDraft((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <FormDialog
      title={t("start.edit.waves")}
      yes={t("start.save")}
      error={save.error}
      busy={save.isPending}
      onYes={() => save.mutate({ waves: wavesOf(draft) })}
      onClose={onClose}
    >
      <Radio.Group
        label={t("start.edit.kind")}
        value={draft.kind}
        onChange={(kind) => setDraft((before) => ({ ...before, kind: kind as WavesDraft["kind"] }))}
      >
        <Stack gap={6} mt={6}>
          {(["none", "equal", "calendar"] as const).map((kind) => (
            <Radio key={kind} value={kind} label={t(`start.edit.kinds.${kind}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {draft.kind === "equal" && (
        <div className={css["pair"]}>
          <TextInput {...field("size")} />
          <TextInput {...field("every")} />
        </div>
      )}
      {draft.kind === "calendar" && <Textarea {...field("calendar")} autosize minRows={3} maxRows={12} />}
    </FormDialog>
  );
}
