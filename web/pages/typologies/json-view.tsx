/** A rule as JSON. What is no rule yet stays in the field, and the rule as it was. */
import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { OwnDraft } from "./rule-draft.ts";
import type { PlacedErrors } from "./rule-errors.ts";
import { readRule, ruleText } from "./rule-json.ts";

type Props = { rule: OwnDraft; errors: PlacedErrors; readOnly: boolean; onChange: (rule: OwnDraft) => void };

export function JsonView({ rule, errors, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => ruleText(rule));
  const read = readRule(text, rule);
  const said = Object.entries(errors)
    .flatMap(([field, at]) => at.map(({ rest, message }) => `/${field}${rest}: ${message}`.replace(/^\/+/, "/")))
    .join("\n");
  const problem =
    "rule" in read
      ? said || undefined
      : read.problem === "json"
        ? t("typologyRule.noJson", { problem: read.detail })
        : t("typologyRule.otherKind", { kind: read.detail });
  return (
    <Textarea
      label={t("typologyRule.json")}
      description={t("typologyRule.jsonHint")}
      styles={{ input: { fontFamily: "var(--mono)", fontSize: 12.5 } }}
      autosize
      minRows={6}
      maxRows={30}
      spellCheck={false}
      readOnly={readOnly}
      value={text}
      error={problem}
      errorProps={{ style: { whiteSpace: "pre-line" } }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const next = readRule(event.currentTarget.value, rule);
        if ("rule" in next) onChange(next.rule);
      }}
    />
  );
}
