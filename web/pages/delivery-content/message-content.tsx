/** Subject, HTML, text, preview (F9). */
import { SegmentedControl, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { harmless } from "../sandbox/view-model.ts";
import css from "./content.module.css";
import { type FormProps, MonoArea, useField } from "./properties.tsx";

const TABS = ["html", "text", "preview"] as const;
type Tab = (typeof TABS)[number];

export function MessageContent(props: FormProps) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("html");
  const field = useField(props);
  const { html, text } = props.errors;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "F9") return;
      event.preventDefault();
      setTab((before) => (before === "preview" ? "html" : "preview"));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  // A refusal must be seen: go to the part that it is about.
  useEffect(() => {
    if (html !== undefined) setTab("html");
    else if (text !== undefined) setTab("text");
  }, [html, text]);

  return (
    <fieldset className={css["group"]}>
      <legend>{t("editor.content")}</legend>
      <TextInput
        label={t("editor.subject")}
        description={t("editor.variableHint", {
          example: "{{ recipient.first_name }}",
          interpolation: { skipOnVariables: true },
        })}
        {...field("subject")}
      />
      <SegmentedControl
        className={css["tabs"]}
        size="xs"
        value={tab}
        onChange={(value) => setTab(value as Tab)}
        data={TABS.map((value) => ({ value, label: t(`editor.${value}`) }))}
        aria-label={t("editor.content")}
      />
      {tab === "html" && <MonoArea field={field("html")} label={t("editor.html")} rows={18} />}
      {tab === "text" && <MonoArea field={field("text")} label={t("editor.text")} rows={18} />}
      {tab === "preview" && <Preview html={props.draft.html} text={props.draft.text} />}
    </fieldset>
  );
}

function Preview({ html, text }: { html: string; text: string }) {
  const { t } = useTranslation();
  return (
    <>
      <p className={css["hint"]}>{t("editor.previewNote")}</p>
      {html !== "" ? (
        <iframe className={css["frame"]} sandbox="" srcDoc={harmless(html)} title={t("editor.preview")} />
      ) : text !== "" ? (
        <pre className={css["frame"]}>{text}</pre>
      ) : (
        <p className="muted">{t("editor.previewEmpty")}</p>
      )}
    </>
  );
}
