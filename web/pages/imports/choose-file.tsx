/** Takes the file whose columns are looked at before anything is read of it. */
import { useTranslation } from "react-i18next";

import { CsvDrop } from "../../parts/csv-drop.tsx";
import { Failure } from "../../parts/notice.tsx";
import type { useLook } from "./use-import.ts";

/** Kinds of files besides CSV. */
const JSON_LINES = ".jsonl,.ndjson";

export function ChooseFile({ label, look }: { label: string; look: ReturnType<typeof useLook>["look"] }) {
  const { t } = useTranslation();
  return (
    <>
      <CsvDrop
        label={label}
        hint={t("wizard.hint")}
        also={JSON_LINES}
        busy={look.isPending ? { name: look.variables.name, share: null } : null}
        onFile={(file) => look.mutate(file)}
      />
      {look.isError && <Failure error={look.error} />}
    </>
  );
}
