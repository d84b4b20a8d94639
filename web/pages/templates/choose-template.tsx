/** Which template a new delivery starts from. */
import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { TemplateSummary } from "../../../src/contract/index.ts";
import { inOrder } from "./view-model.ts";

type Props = { templates: readonly TemplateSummary[]; chosen: string | undefined; onChoose: (id: string) => void };

export function ChooseTemplate({ templates, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const known = templates.some(({ id }) => id === chosen);
  return (
    <NativeSelect
      label={t("templates.one")}
      description={t("templates.chooseHint")}
      w={420}
      maw="100%"
      value={chosen ?? ""}
      data={[
        ...(known ? [] : [{ value: chosen ?? "", label: t("templates.unknown") }]),
        ...inOrder(templates).map(({ id, label }) => ({ value: id, label })),
      ]}
      onChange={(event) => onChoose(event.currentTarget.value)}
    />
  );
}
