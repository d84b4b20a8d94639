/** Whom the delivery names; a CSV can be brought in right here. */
import { NativeSelect, Radio } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { CsvUpload } from "../../parts/csv-upload.tsx";
import shared from "../../parts/form.module.css";
import { useFormats } from "../../parts/use-now.ts";
import { importsQuery } from "../../queries.ts";
import css from "./content.module.css";
import type { AudienceKind } from "./draft.ts";
import type { FormProps } from "./field.ts";

export function Audience({ draft, set, errors, readOnly }: FormProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const imports = useInfiniteQuery(importsQuery);
  const known = (imports.data?.pages.flatMap((page) => page.data) ?? []).filter((each) => each.status === "completed");
  const choices = known.map((each) => ({
    value: each.id,
    label: `${each.fileName} (${formats.int(each.counts.total)})`,
  }));
  const missing =
    draft.audience === "import" && draft.audienceId !== "" && !known.some((each) => each.id === draft.audienceId);
  return (
    <fieldset className={shared["group"]} disabled={readOnly}>
      <legend>{t("editor.audience")}</legend>
      <Radio.Group
        value={draft.audience}
        onChange={(value) => set("audience", value as AudienceKind)}
        aria-label={t("editor.audience")}
      >
        <div className={css["choices"]}>
          <Radio value="all" label={t("editor.everyone")} description={t("editor.everyoneHint")} />
          <Radio value="import" label={t("editor.anImport")} description={t("editor.anImportHint")} />
          {draft.audienceKept !== null && <Radio value="kept" label={t("editor.kept")} />}
          {draft.audience === "list" && <Radio value="list" label={t("editor.list", { id: draft.audienceId })} />}
        </div>
      </Radio.Group>
      {draft.audience === "import" && (
        <>
          <NativeSelect
            label={t("editor.chooseImport")}
            value={draft.audienceId}
            error={errors.audienceId}
            data={[
              { value: "", label: t("editor.chooseImportHint") },
              ...(missing
                ? [{ value: draft.audienceId, label: `${t("editor.chooseImport")} ${draft.audienceId}` }]
                : []),
              ...choices,
            ]}
            onChange={(event) => set("audienceId", event.currentTarget.value)}
          />
          {!readOnly && <CsvUpload onDone={(done) => set("audienceId", done.id)} />}
        </>
      )}
    </fieldset>
  );
}
