/** Format and charset, nature, mirror page, headers: sections of a few fields each. */
import { Autocomplete, NativeSelect, Radio, Switch, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import css from "./content.module.css";
import type { Draft } from "./draft.ts";
import { type FormProps, useField } from "./field.ts";

const FORMATS = ["recipient", "alternative", "html", "text"] as const satisfies readonly Draft["format"][];
const MIRRORS = ["default", "force", "none", "message-id"] as const satisfies readonly Draft["mirror"][];
/** Those that mail still meets; any other one can be typed. */
const CHARSETS = [
  "utf-8",
  "iso-8859-1",
  "iso-8859-15",
  "windows-1252",
  "iso-8859-2",
  "windows-1251",
  "koi8-r",
  "iso-2022-jp",
  "gb18030",
  "big5",
  "euc-kr",
];

export function FormatSection(props: FormProps) {
  const { t } = useTranslation();
  const { draft, set, errors, readOnly } = props;
  return (
    <>
      <div className={css["pair"]}>
        <NativeSelect
          label={t("section.format")}
          description={t("section.formatHint")}
          disabled={readOnly}
          error={errors.format}
          value={draft.format}
          data={FORMATS.map((value) => ({ value, label: t(`section.formats.${value}`) }))}
          onChange={(event) => set("format", event.currentTarget.value as Draft["format"])}
        />
        <Autocomplete
          label={t("section.charset")}
          description={t("section.charsetHint")}
          readOnly={readOnly}
          error={errors.charset}
          value={draft.charset}
          data={CHARSETS}
          onChange={(value) => set("charset", value)}
        />
      </div>
      <Toggle name="inlineCss" {...props} />
      <Toggle name="generateText" {...props} />
      <Toggle name="embedImages" {...props} />
    </>
  );
}

export function UnsubscribeSection(props: FormProps) {
  const { t } = useTranslation();
  const { draft, set, readOnly } = props;
  return (
    <>
      <Radio.Group
        label={t("section.nature")}
        value={draft.nature}
        onChange={(value) => set("nature", value as Draft["nature"])}
      >
        <div className={css["choices"]}>
          {(["marketing", "service"] as const).map((value) => (
            <Radio
              key={value}
              value={value}
              disabled={readOnly}
              label={t(`section.natures.${value}`)}
              description={t(`section.naturesHint.${value}`)}
            />
          ))}
        </div>
      </Radio.Group>
      <Toggle name="listUnsubscribe" disabled={draft.nature === "service"} {...props} />
    </>
  );
}

export function MirrorSection(props: FormProps) {
  const { t } = useTranslation();
  const { draft, set, errors, readOnly } = props;
  const field = useField(props);
  return (
    <div className={css["pair"]}>
      <NativeSelect
        label={t("section.mirror")}
        description={t(`section.mirrorsHint.${draft.mirror}`)}
        disabled={readOnly}
        error={errors.mirror}
        value={draft.mirror}
        data={MIRRORS.map((value) => ({ value, label: t(`section.mirrors.${value}`) }))}
        onChange={(event) => set("mirror", event.currentTarget.value as Draft["mirror"])}
      />
      <TextInput
        label={t("section.resourceValidity")}
        description={t("section.durationHint")}
        {...field("resourceValidity")}
      />
    </div>
  );
}

export function HeadersSection(props: FormProps) {
  const { t } = useTranslation();
  const field = useField(props);
  return (
    <>
      <Textarea
        label={t("section.headers")}
        description={t("section.headersHint")}
        placeholder={"X-Campaign: spring\nX-Shop: {{ recipient.shop }}"}
        rows={4}
        spellCheck={false}
        wrap="off"
        classNames={{ input: css["code"] ?? "" }}
        errorProps={{ style: { whiteSpace: "pre-line" } }}
        {...field("headers")}
      />
      <TextInput
        label={t("editor.errorAddress")}
        description={t("editor.errorAddressHint")}
        placeholder={t("section.platformDefault")}
        inputMode="email"
        autoComplete="off"
        {...field("errorAddress")}
      />
    </>
  );
}

type ToggleName = "inlineCss" | "generateText" | "embedImages" | "listUnsubscribe" | "clicks" | "opens" | "honeypot";

/** A switch with the consequence of turning it on beneath. */
export function Toggle({
  name,
  draft,
  set,
  readOnly,
  disabled = false,
}: FormProps & { name: ToggleName; disabled?: boolean }) {
  const { t } = useTranslation();
  return (
    <Switch
      label={t(`toggle.${name}`)}
      description={t(`toggleHint.${name}`)}
      checked={draft[name] && !disabled}
      disabled={readOnly || disabled}
      onChange={(event) => set(name, event.currentTarget.checked)}
    />
  );
}
