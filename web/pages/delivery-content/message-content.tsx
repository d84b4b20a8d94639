/** Subject, HTML, text; what to insert; what is wrong and where. */
import { Button, Kbd, SegmentedControl, TextInput } from "@mantine/core";
import { IconEye, IconInfoCircle } from "@tabler/icons-react";
import { type FocusEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContentProblem } from "../../../src/contract/index.ts";
import { CodeArea } from "../../parts/code-area.tsx";
import shared from "../../parts/form.module.css";
import { InsertMenu } from "../../parts/insert-menu.tsx";
import { insertInto, isMjml, jumpTo } from "../../parts/text-place.ts";
import css from "./content.module.css";
import type { Draft } from "./draft.ts";
import { type FormProps, useField } from "./field.ts";

type Part = "html" | "text";

type Props = FormProps & {
  problems: readonly ContentProblem[];
  /** A place to go to; a new object for each wish. */
  jump: ContentProblem | null;
  /** null: there is nothing to preview. */
  preview: { words: string; act: () => void } | null;
};

export function MessageContent(props: Props) {
  const { t } = useTranslation();
  const { draft, set, errors, readOnly, problems, jump } = props;
  const [part, setPart] = useState<Part>(() => (draft.html === "" && draft.text !== "" ? "text" : "html"));
  const field = useField(props);
  const area = useRef<HTMLTextAreaElement>(null);
  const subject = useRef<HTMLInputElement>(null);
  const lastField = useRef<HTMLInputElement | HTMLTextAreaElement>(null);

  // A refusal must be seen: go to the part that it is about.
  useEffect(() => {
    if (errors.html !== undefined) setPart("html");
    else if (errors.text !== undefined) setPart("text");
  }, [errors.html, errors.text]);
  const jumped = useRef<ContentProblem>(null);
  useEffect(() => {
    if (jump === null || jumped.current === jump) return;
    const target = jump.part === "subject" ? subject.current : jump.part === part ? area.current : null;
    if (target !== null) {
      jumped.current = jump;
      jumpTo(target, jump);
    } else if (jump.part === "html" || jump.part === "text") {
      setPart(jump.part);
    }
  }, [jump, part]);

  const remember = (event: FocusEvent) => {
    const { target } = event;
    if (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target === subject.current)) {
      lastField.current = target;
    }
  };
  const insert = (words: string) => {
    const target = lastField.current?.isConnected === true ? lastField.current : area.current;
    // The menu gives the focus back first.
    if (target !== null) setTimeout(() => insertInto(target, words));
  };
  const countOf = (name: string) => problems.filter((each) => each.part === name).length;
  const marked = problems.filter((each) => each.part === part).map((each) => each.line);
  return (
    <div className={css["stack"]} onFocusCapture={remember}>
      <TextInput
        ref={subject}
        label={t("editor.subject")}
        {...field("subject")}
        error={errors.subject ?? countOf("subject") > 0}
      />
      <div className={css["bar"]}>
        <SegmentedControl
          size="xs"
          value={part}
          onChange={(value) => setPart(value as Part)}
          data={(["html", "text"] as const).map((value) => ({
            value,
            label: `${t(`editor.${value}`)}${countOf(value) > 0 ? ` (${countOf(value)})` : ""}`,
          }))}
          aria-label={t("editor.part")}
        />
        {!readOnly && (
          <InsertMenu
            syntax={draft.syntax}
            variables={draft.variables.map(({ name }) => name.trim()).filter((name) => name !== "")}
            onInsert={insert}
          />
        )}
        <SyntaxChoice draft={draft} set={set} readOnly={readOnly} />
        {props.preview !== null && (
          <Button
            className={css["push"] ?? ""}
            size="compact-sm"
            fz={13}
            variant="default"
            leftSection={<IconEye size={15} aria-hidden />}
            rightSection={<Kbd size="xs">F9</Kbd>}
            onClick={props.preview.act}
          >
            {props.preview.words}
          </Button>
        )}
      </div>
      {part === "html" && isMjml(draft.html) && (
        <p className={css["note"]}>
          <IconInfoCircle size={15} aria-hidden />
          {t("editor.mjml")}
        </p>
      )}
      <CodeArea
        key={part}
        fieldRef={area}
        name={part}
        label={t(`editor.${part}`)}
        value={draft[part]}
        onChange={(value) => set(part, value)}
        readOnly={readOnly}
        error={errors[part]}
        marked={marked}
      />
      {part === "text" && draft.text.trim() === "" && (
        <p className={shared["hint"]}>{t(draft.generateText ? "editor.textMade" : "editor.textNone")}</p>
      )}
    </div>
  );
}

function SyntaxChoice({ draft, set, readOnly }: Pick<FormProps, "draft" | "set" | "readOnly">) {
  const { t } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      readOnly={readOnly}
      value={draft.syntax}
      onChange={(value) => set("syntax", value as Draft["syntax"])}
      data={[
        { value: "liquid", label: "Liquid {{ }}" },
        { value: "campaign", label: `${t("editor.campaignSyntax")} <%= %>` },
      ]}
      aria-label={t("editor.syntax")}
    />
  );
}
