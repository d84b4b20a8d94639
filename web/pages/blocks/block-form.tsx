/** The fields of a block: label, syntax, both variants side by side. */
import { SegmentedControl, TextInput } from "@mantine/core";
import { type FocusEvent, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { BlockInput, ContentProblem } from "../../../src/contract/index.ts";
import { CodeArea } from "../../parts/code-area.tsx";
import { Copy } from "../../parts/copy.tsx";
import { InsertMenu } from "../../parts/insert-menu.tsx";
import { blockTag } from "../../parts/insert-words.ts";
import { usePartName } from "../../parts/part-name.ts";
import { ProblemList } from "../../parts/problem-list.tsx";
import { insertInto, jumpTo } from "../../parts/text-place.ts";
import css from "./blocks.module.css";

type Props = {
  name: string;
  draft: BlockInput;
  set: (part: Partial<BlockInput>) => void;
  problems: readonly ContentProblem[];
  readOnly: boolean;
};

export function BlockForm({ name, draft, set, problems, readOnly }: Props) {
  const { t } = useTranslation();
  const html = useRef<HTMLTextAreaElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const lastField = useRef<HTMLTextAreaElement>(null);
  const marked = (part: string) => problems.filter((each) => each.part === part).map((each) => each.line);
  const jump = (problem: ContentProblem) => {
    const { current } = problem.part === "text" ? text : html;
    if (current !== null) jumpTo(current, problem);
  };
  const insert = (words: string) => {
    const target = lastField.current ?? html.current;
    // The menu gives the focus back first.
    if (target !== null) setTimeout(() => insertInto(target, words));
  };
  return (
    <div
      className={css["group"]}
      onFocusCapture={({ target }: FocusEvent) => {
        if (target instanceof HTMLTextAreaElement) lastField.current = target;
      }}
    >
      <TextInput
        label={t("blocks.label")}
        description={t("blocks.labelHint")}
        readOnly={readOnly}
        value={draft.label}
        onChange={(event) => set({ label: event.currentTarget.value })}
      />
      <div className={css["uses"]}>
        <Copy value={blockTag(name, "liquid")} label={t("blocks.col.tag")} />
        <Copy value={blockTag(name, "campaign")} label={t("editor.campaignSyntax")} />
      </div>
      <div className={css["bar"]}>
        {!readOnly && <InsertMenu syntax={draft.syntax} blocks={false} onInsert={insert} />}
        <SegmentedControl
          size="xs"
          readOnly={readOnly}
          value={draft.syntax}
          onChange={(value) => set({ syntax: value as BlockInput["syntax"] })}
          data={[
            { value: "liquid", label: "Liquid {{ }}" },
            { value: "campaign", label: `${t("editor.campaignSyntax")} <%= %>` },
          ]}
          aria-label={t("editor.syntax")}
        />
      </div>
      <ProblemList problems={problems} nameOf={usePartName()} onJump={jump} />
      <div className={css["pair"]}>
        <div>
          <p className={css["part"]}>{t("blocks.html")}</p>
          <CodeArea
            fieldRef={html}
            label={t("blocks.html")}
            rows={14}
            value={draft.html}
            onChange={(value) => set({ html: value })}
            readOnly={readOnly}
            marked={marked("html")}
          />
        </div>
        <div>
          <p className={css["part"]}>{t("blocks.text")}</p>
          <CodeArea
            fieldRef={text}
            label={t("blocks.text")}
            rows={14}
            value={draft.text}
            onChange={(value) => set({ text: value })}
            readOnly={readOnly}
            marked={marked("text")}
          />
        </div>
      </div>
    </div>
  );
}
