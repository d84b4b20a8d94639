/** The examples of a rule: answers that must reach it, each with the stage at which it was given. */
import { ActionIcon, Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import form from "../../parts/form.module.css";
import css from "./bounce-rules.module.css";
import { type BounceDraft, type BounceFormProps, emptyExample, type ExampleDraft, STAGES } from "./rule-draft.ts";

const PRE = { style: { whiteSpace: "pre-line" as const } };

export function ExampleFields({ draft, set, errors }: BounceFormProps) {
  const { t } = useTranslation();
  const { examples } = draft;
  const change = (index: number, part: Partial<ExampleDraft>) =>
    set({ examples: examples.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  return (
    <FormGroup title={t("bounceForm.examples")}>
      <p className={form["hint"]}>{t("bounceForm.examplesHint")}</p>
      {errors.examples !== undefined && (
        <p className={css["error"]} role="alert">
          {errors.examples}
        </p>
      )}
      {examples.map((example, index) => (
        // Rows have no name of their own; they only grow at the end.
        <div key={index} className={css["example"]}>
          <Textarea
            className={css["exampleReply"] ?? ""}
            label={t("bounceForm.example", { n: index + 1 })}
            value={example.reply}
            error={errors[`examples/${index}`]}
            errorProps={PRE}
            autosize
            minRows={1}
            maxRows={6}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mono)", fontSize: 12.5 } }}
            onChange={(event) => change(index, { reply: event.currentTarget.value })}
          />
          <NativeSelect
            label={t("bounceForm.exampleStage")}
            value={example.stage}
            data={STAGES.map((value) => ({ value, label: t(`bounces.stage.${value}`) }))}
            onChange={(event) => change(index, { stage: event.currentTarget.value as BounceDraft["stage"][number] })}
          />
          <TextInput
            label={t("bounceForm.exampleMx")}
            value={example.mx}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => change(index, { mx: event.currentTarget.value })}
          />
          <ActionIcon
            variant="default"
            size={36}
            disabled={examples.length === 1}
            aria-label={t("bounceForm.removeExample", { n: index + 1 })}
            onClick={() => set({ examples: examples.filter((_, at) => at !== index) })}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        w="fit-content"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => set({ examples: [...examples, { ...emptyExample, stage: draft.stage[0] ?? "rcpt" }] })}
      >
        {t("bounceForm.addExample")}
      </Button>
    </FormGroup>
  );
}
