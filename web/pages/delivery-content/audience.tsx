/** Whom the delivery names, and whom of them it leaves out; a CSV can be brought in right here. */
import { NativeSelect, Radio } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { CsvUpload } from "../../parts/csv-upload.tsx";
import shared from "../../parts/form.module.css";
import { May } from "../../parts/may.tsx";
import { useFormats } from "../../parts/use-now.ts";
import type { AudienceKind } from "./audience-draft.ts";
import css from "./content.module.css";
import { ExclusionsField, type Named, useAudienceNames } from "./exclusions-field.tsx";
import type { FormProps } from "./field.ts";
import { FileTarget } from "./file-target.tsx";

export function Audience(props: FormProps) {
  const { t } = useTranslation();
  const { draft, set, readOnly } = props;
  const choose = (kind: AudienceKind) => {
    set("audience", kind);
    // The id of a list is none of a segment.
    if (kind !== draft.audience) set("audienceId", "");
  };
  return (
    <fieldset className={shared["group"]} disabled={readOnly}>
      <legend>{t("editor.audience")}</legend>
      <Radio.Group
        value={draft.audience}
        onChange={(value) => choose(value as AudienceKind)}
        aria-label={t("editor.audience")}
      >
        <div className={css["choices"]}>
          <Radio value="all" label={t("editor.everyone")} description={t("editor.everyoneHint")} />
          <Radio value="segment" label={t("editor.aSegment")} description={t("editor.aSegmentHint")} />
          <Radio value="list" label={t("editor.aList")} description={t("editor.aListHint")} />
          <Radio value="import" label={t("editor.anImport")} description={t("editor.anImportHint")} />
          <Radio value="file" label={t("editor.aFile")} description={t("editor.aFileHint")} />
          {draft.audienceKept !== null && <Radio value="kept" label={t("editor.kept")} />}
        </div>
      </Radio.Group>
      <Which {...props} />
      <ExclusionsField {...props} />
    </fieldset>
  );
}

/** Which segment, list or file. */
function Which(props: FormProps) {
  const { draft, set, errors, readOnly } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  const { segments, lists, imports } = useAudienceNames();
  const choice = (label: string, hint: string, named: readonly Named[]) => {
    const { audienceId } = draft;
    const missing = audienceId !== "" && !named.some((each) => each.id === audienceId);
    return (
      <NativeSelect
        label={label}
        value={audienceId}
        error={errors.audienceId}
        data={[
          { value: "", label: hint },
          ...(missing ? [{ value: audienceId, label: `${label} ${audienceId}` }] : []),
          ...named.map((each) => ({ value: each.id, label: each.label })),
        ]}
        onChange={(event) => set("audienceId", event.currentTarget.value)}
      />
    );
  };
  switch (draft.audience) {
    case "segment":
      return choice(t("editor.aSegment"), t("wizard.choose"), segments);
    case "list":
      return choice(
        t("lists.one"),
        t("recipients.chooseList"),
        lists.map(({ id, label, members }) => ({ id, label: `${label} (${formats.int(members)})` })),
      );
    case "import":
      return (
        <>
          {choice(
            t("editor.chooseImport"),
            t("editor.chooseImportHint"),
            imports.map(({ id, fileName, counts }) => ({ id, label: `${fileName} (${formats.int(counts.total)})` })),
          )}
          {!readOnly && (
            <May right="people.write">
              <CsvUpload onDone={(done) => set("audienceId", done.id)} />
            </May>
          )}
        </>
      );
    case "file":
      return <FileTarget {...props} />;
    case "all":
    case "kept":
      return null;
  }
}
