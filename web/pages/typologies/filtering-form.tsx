/** Who gets no message: these people, or everybody but them; and how many that would be today. */
import { Button } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { SegmentPreview } from "../../../src/contract/segments.ts";
import { ApiProblem, post } from "../../api.ts";
import form from "../../parts/form.module.css";
import { useMay } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { ChoiceFields } from "./choice-fields.tsx";
import { type Choice, CHOICE_KINDS, closed, isComplete, opened, treeOf } from "./choice-model.ts";
import { type FilteringDraft, without } from "./rule-draft.ts";
import { NatureChoice, OneOfFew, type RuleFormProps } from "./rule-inputs.tsx";
import css from "./typologies.module.css";

/** Of a delivery and its outcomes there is no word for all others but conditions. */
export const KINDS_OF_OTHERS = CHOICE_KINDS.filter((kind) => kind !== "outcome");

export function FilteringForm({ rule, errors, readOnly, onChange }: RuleFormProps<FilteringDraft>) {
  const { t } = useTranslation();
  const open = opened(rule.exclude);
  return (
    <>
      <OneOfFew
        label={t("typologyRule.sense.label")}
        value={open.others ? "keep" : "exclude"}
        values={["exclude", "keep"]}
        word={(value) => t(`typologyRule.sense.${value}`)}
        onChange={(value) => onChange({ ...rule, exclude: closed({ ...open, others: value === "keep" }) })}
      />
      <ChoiceFields
        choice={open.inner}
        kinds={open.others ? KINDS_OF_OTHERS : CHOICE_KINDS}
        errors={errors["exclude"] ?? []}
        readOnly={readOnly}
        onChange={(inner) => onChange({ ...rule, exclude: closed({ ...open, inner }) })}
      />
      <div className={form["pair"]}>
        <NatureChoice
          natures={rule.natures}
          onChange={(natures) => onChange(natures === undefined ? without(rule, "natures") : { ...rule, natures })}
        />
      </div>
    </>
  );
}

/** Of everybody, not of a target: which one, only a delivery says. */
export function CountNow({ exclude }: { exclude: Choice }) {
  const { t } = useTranslation();
  const may = useMay()("people.read");
  const tree = treeOf(exclude);
  const counted = useMutation({
    mutationFn: (asked: typeof tree) => post<SegmentPreview>("/segments/preview", { tree: asked }),
  });
  const isOld = JSON.stringify(counted.variables) !== JSON.stringify(tree);
  if (!may) return null;
  return (
    <div className={css["count"]}>
      <Button
        variant="default"
        leftSection={<IconUsers size={16} aria-hidden />}
        loading={counted.isPending}
        disabled={!isComplete(exclude)}
        onClick={() => counted.mutate(tree)}
      >
        {t("typologyRule.count.now")}
      </Button>
      <div aria-live="polite">
        {!isOld && counted.error !== null && <Refused error={counted.error} />}
        {!isOld && counted.data !== undefined && <Counted preview={counted.data} />}
      </div>
    </div>
  );
}

function Refused({ error }: { error: Error }) {
  const messages = error instanceof ApiProblem ? (error.problem.errors ?? []) : [];
  if (messages.length === 0) return <Failure error={error} />;
  return (
    <p className={css["error"]} role="alert">
      {messages.map(({ message }) => message).join("\n")}
    </p>
  );
}

function Counted({ preview: { count, exact, margin, sampled } }: { preview: SegmentPreview }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (count === null) return <p>{t("segments.tooLong")}</p>;
  const n = formats.int(count);
  return (
    <>
      <p>
        <b>
          {exact && count === 0
            ? t("typologyRule.count.nobody")
            : t(exact ? "typologyRule.count.excluded" : "typologyRule.count.about", { count, n })}
        </b>
        {!exact && ` ${t("segments.margin", { margin: formats.int(margin), sampled: formats.int(sampled) })}`}
      </p>
      <p className={css["small"]}>{t("typologyRule.count.base")}</p>
    </>
  );
}
