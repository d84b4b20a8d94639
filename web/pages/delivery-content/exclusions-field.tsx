/** Who of the audience gets no message: segments, lists and imports; what only the API can set is named and can be taken out. */
import { ActionIcon, NativeSelect } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useMay } from "../../parts/may.tsx";
import { someListsQuery, someSegmentsQuery } from "../../queries-audience.ts";
import { importsQuery } from "../../queries.ts";
import recipients from "../recipients/recipients.module.css";
import { type ExclusionRule, ruleKey, ruleOf } from "./audience-draft.ts";
import type { FormProps } from "./field.ts";

export type Named = { id: string; label: string };

/** Names of what can be chosen, for whoever may see it. */
export function useAudienceNames() {
  const enabled = useMay()("people.read");
  const segments = useQuery({ ...someSegmentsQuery, enabled }).data?.data ?? [];
  const lists = useQuery({ ...someListsQuery, enabled }).data?.data ?? [];
  const imports = useInfiniteQuery({ ...importsQuery, enabled }).data?.pages.flatMap((page) => page.data) ?? [];
  // Files of one delivery have no recipients to be chosen.
  const done = imports.filter(({ status, dryRun, mode }) => status === "completed" && !dryRun && mode !== "file");
  return { segments, lists, imports: done };
}

export function ExclusionsField({ draft, set, errors, readOnly }: FormProps) {
  const { t } = useTranslation();
  const { segments, lists, imports } = useAudienceNames();
  const rules = draft.exclude;
  const keys = rules.map(ruleKey);
  const groups = [
    { group: t("segments.title"), kind: "segment", named: segments },
    { group: t("lists.title"), kind: "list", named: lists },
    {
      group: t("imports.title"),
      kind: "import",
      named: imports.map(({ id, fileName }): Named => ({ id, label: fileName })),
    },
  ];
  const wordOf = (rule: ExclusionRule): string => {
    const key = ruleKey(rule);
    if (key === null) return t("delivery" in rule ? "editor.excludeOutcome" : "editor.excludeTree");
    const [kind, id] = key.split(" ");
    const found = groups.find((each) => each.kind === kind);
    return `${found?.group ?? ""}: ${found?.named.find((each) => each.id === id)?.label ?? id ?? ""}`;
  };
  const choices = groups
    .map(({ group, kind, named }) => ({
      group,
      items: named
        .map(({ id, label }) => ({ value: `${kind} ${id}`, label }))
        .filter(({ value }) => !keys.includes(value)),
    }))
    .filter(({ items }) => items.length > 0);
  return (
    <>
      {rules.length > 0 && (
        <ul className={recipients["chips"]} aria-label={t("editor.exclude")}>
          {rules.map((rule, index) => (
            <li key={index} className={recipients["chip"]}>
              {wordOf(rule)}
              {!readOnly && (
                <ActionIcon
                  variant="subtle"
                  size={20}
                  c="var(--muted)"
                  aria-label={`${t("common.remove")}: ${wordOf(rule)}`}
                  onClick={() =>
                    set(
                      "exclude",
                      rules.filter((_, at) => at !== index),
                    )
                  }
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      )}
      {!readOnly && choices.length > 0 && (
        <NativeSelect
          label={t("editor.exclude")}
          description={t("editor.excludeHint")}
          error={errors.exclude}
          value=""
          data={[{ value: "", label: t("wizard.choose") }, ...choices]}
          onChange={(event) => {
            const rule = ruleOf(event.currentTarget.value);
            if (rule !== null) set("exclude", [...rules, rule]);
          }}
        />
      )}
    </>
  );
}
