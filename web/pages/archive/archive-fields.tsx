/** The fields of one archive: its name, where copies go, which deliveries it takes copies of. */
import { NativeSelect, Radio, Switch, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import css from "./archive.module.css";
import { type ArchiveKind, KINDS, type Nature } from "./archive-draft.ts";
import { type FieldsProps, useArchiveField } from "./archive-field.ts";
import { KIND_ICON } from "./archives-table.tsx";
import { FilesFields, S3Fields, SmtpFields } from "./target-fields.tsx";

export function ArchiveFields(props: FieldsProps) {
  const { t } = useTranslation();
  const { draft, set, readOnly } = props;
  const field = useArchiveField(props);
  return (
    <>
      <Group>
        <TextInput {...field.text("name")} description={t("archiveForm.nameHint")} data-autofocus={!props.kindFixed} />
        <Switch {...field.toggle("enabled")} description={t("archiveForm.enabledHint")} />
      </Group>
      <Group title={t("archiveForm.target")}>
        {props.kindFixed ? <FixedKind kind={draft.kind} /> : <Kinds {...props} />}
        <TargetFields {...props} />
      </Group>
      <Group title={t("archiveForm.rule")}>
        <div className={shared["pair"]}>
          <TextInput
            {...field.text("senderDomains")}
            description={t("archiveForm.senderDomainsHint")}
            placeholder="shop.example"
          />
          <NativeSelect
            label={t("archiveForm.natures")}
            disabled={readOnly}
            error={props.errors.nature}
            value={draft.nature}
            data={[
              { value: "", label: t("archiveForm.anyNature") },
              { value: "marketing", label: t("section.natures.marketing") },
              { value: "service", label: t("section.natures.service") },
            ]}
            onChange={(event) => set({ nature: event.currentTarget.value as Nature })}
          />
        </div>
        <Switch {...field.toggle("onlyNamed")} description={t("archiveForm.onlyNamedHint")} />
      </Group>
    </>
  );
}

function Kinds({ draft, set }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      label={t("archiveForm.kind")}
      value={draft.kind}
      onChange={(value) => set({ kind: value as ArchiveKind })}
    >
      <div className={css["kinds"]}>
        {KINDS.map((kind) => (
          <Radio
            key={kind}
            value={kind}
            label={t(`archive.kind.${kind}`)}
            description={t(`archive.kindHint.${kind}`)}
          />
        ))}
      </div>
    </Radio.Group>
  );
}

function FixedKind({ kind }: { kind: ArchiveKind }) {
  const { t } = useTranslation();
  const Glyph = KIND_ICON[kind];
  return (
    <p className={css["fixedKind"]}>
      <Glyph size={18} stroke={1.7} aria-hidden />
      <b>{t(`archive.kind.${kind}`)}</b>
      <span className="muted">{t(`archive.kindHint.${kind}`)}</span>
    </p>
  );
}

function Group({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <fieldset className={shared["group"]}>
      {title !== undefined && <legend>{title}</legend>}
      {children}
    </fieldset>
  );
}

function TargetFields(props: FieldsProps) {
  switch (props.draft.kind) {
    case "smtp":
      return <SmtpFields {...props} />;
    case "files":
      return <FilesFields {...props} />;
    case "s3":
      return <S3Fields {...props} />;
  }
}
