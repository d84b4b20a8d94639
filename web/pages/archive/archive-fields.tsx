/** The fields of one archive: its name, where copies go, which deliveries it takes copies of. */
import { NativeSelect, NumberInput, Radio, Switch, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import css from "./archive.module.css";
import {
  type ArchiveDraft,
  type ArchiveErrors,
  type ArchiveKind,
  type Count,
  KINDS,
  type Nature,
  type SetArchive,
} from "./archive-draft.ts";
import { KIND_ICON } from "./archives-table.tsx";
import { FilesFields, S3Fields, SmtpFields } from "./target-fields.tsx";

export type FieldsProps = {
  draft: ArchiveDraft;
  set: SetArchive;
  errors: ArchiveErrors["fields"];
  readOnly: boolean;
  /** A secret is known already: it stays unless another one is typed. */
  hasSecret: boolean;
  /** Of an archive that is there: what it holds would not move along. */
  kindFixed: boolean;
  addressHidden: boolean;
};

type NamesOf<T> = { [F in keyof ArchiveDraft]: ArchiveDraft[F] extends T ? F : never }[keyof ArchiveDraft];
type TextName = Exclude<NamesOf<string>, "kind" | "tls" | "nature">;
type CountName = "connections" | "ratePerMinute" | "zipBatch";
type SwitchName = NamesOf<boolean>;

export function useArchiveField({ draft, set, errors, readOnly }: FieldsProps) {
  const { t } = useTranslation();
  const shared = (name: TextName | CountName) => ({
    label: t(`archiveForm.${name}`),
    error: errors[name],
    errorProps: { style: { whiteSpace: "pre-line" as const } },
    readOnly,
    autoComplete: "off",
  });
  return {
    text: (name: TextName) => ({
      ...shared(name),
      value: draft[name],
      onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
    }),
    count: (name: CountName) => ({
      ...shared(name),
      value: draft[name],
      min: 1,
      allowDecimal: false,
      allowNegative: false,
      hideControls: true,
      onChange: (value: string | number) => set({ [name]: (typeof value === "number" ? value : "") satisfies Count }),
    }),
    toggle: (name: SwitchName) => ({
      label: t(`archiveForm.${name}`),
      checked: draft[name],
      disabled: readOnly,
      onChange: (event: { currentTarget: { checked: boolean } }) => set({ [name]: event.currentTarget.checked }),
    }),
  };
}

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
        <div className={css["pair"]}>
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
    <fieldset className={css["group"]}>
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

/** How many at the same time: both kinds that have connections. */
export function Connections(props: FieldsProps) {
  const { t } = useTranslation();
  const field = useArchiveField(props);
  return <NumberInput {...field.count("connections")} max={100} description={t("archiveForm.connectionsHint")} />;
}
