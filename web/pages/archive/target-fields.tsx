/** Where copies go, for each of the three kinds. A secret is written, never read: left empty, the one that is known stays. */
import { NativeSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import { type ArchiveDraft, TLS } from "./archive-draft.ts";
import { type FieldsProps, useArchiveField } from "./archive-field.ts";

export function SmtpFields(props: FieldsProps) {
  const { t } = useTranslation();
  const { draft, set, errors, readOnly } = props;
  const field = useArchiveField(props);
  return (
    <>
      {props.addressHidden ? (
        <TextInput
          label={t("archiveForm.address")}
          description={t("archiveForm.addressHiddenWhy")}
          value={t("archiveForm.addressHidden")}
          readOnly
        />
      ) : (
        <TextInput
          {...field.text("address")}
          description={t("archiveForm.addressHint")}
          placeholder="archive@example.com"
          inputMode="email"
        />
      )}
      <div className={shared["pair"]}>
        <TextInput
          {...field.text("server")}
          description={t("archiveForm.serverHint")}
          placeholder="archive.example.com:25"
        />
        <NativeSelect
          label={t("archiveForm.tls")}
          disabled={readOnly}
          error={errors.tls}
          value={draft.tls}
          data={TLS.map((value) => ({ value, label: t(`archiveForm.tlsWords.${value}`) }))}
          onChange={(event) => set({ tls: event.currentTarget.value as ArchiveDraft["tls"] })}
        />
        <TextInput {...field.text("user")} />
        <Secret name="password" {...props} />
        <Connections {...props} />
        <NumberInput
          {...field.count("ratePerMinute")}
          max={1_000_000}
          description={t("archiveForm.ratePerMinuteHint")}
        />
      </div>
      <TextInput {...field.text("returnPath")} description={t("archiveForm.returnPathHint")} inputMode="email" />
    </>
  );
}

export function FilesFields(props: FieldsProps) {
  const { t } = useTranslation();
  const field = useArchiveField(props);
  return (
    <>
      <TextInput
        {...field.text("directory")}
        description={t("archiveForm.directoryHint")}
        placeholder="/var/lib/envoi/archive"
      />
      <Switch {...field.toggle("zip")} description={t("archiveForm.zipHint")} />
      <div className={shared["pair"]}>
        <NumberInput {...field.count("zipBatch")} max={100_000} disabled={!props.draft.zip} />
        <TextInput {...field.text("purgeAfter")} description={t("archiveForm.purgeAfterHint")} />
      </div>
    </>
  );
}

export function S3Fields(props: FieldsProps) {
  const { t } = useTranslation();
  const field = useArchiveField(props);
  return (
    <>
      <TextInput {...field.text("endpoint")} placeholder="https://s3.eu-west-3.example.com" inputMode="url" />
      <div className={shared["pair"]}>
        <TextInput {...field.text("bucket")} />
        <TextInput {...field.text("region")} />
        <TextInput {...field.text("accessKeyId")} />
        <Secret name="secretAccessKey" {...props} />
        <TextInput {...field.text("prefix")} description={t("archiveForm.prefixHint")} />
        <Connections {...props} />
      </div>
      <Switch {...field.toggle("pathStyle")} description={t("archiveForm.pathStyleHint")} />
    </>
  );
}

function Secret({ name, ...props }: FieldsProps & { name: "password" | "secretAccessKey" }) {
  const { t } = useTranslation();
  const field = useArchiveField(props);
  return (
    <TextInput
      {...field.text(name)}
      type="password"
      // Not "off": browsers would offer the operator's own password.
      autoComplete="new-password"
      placeholder={props.hasSecret ? t("archiveForm.unchanged") : ""}
    />
  );
}

/** How many at the same time, of both kinds that have connections. */
function Connections(props: FieldsProps) {
  const { t } = useTranslation();
  const field = useArchiveField(props);
  return <NumberInput {...field.count("connections")} max={100} description={t("archiveForm.connectionsHint")} />;
}
