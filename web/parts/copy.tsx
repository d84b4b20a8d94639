/** A value with a button that copies it; where the browser gives no clipboard (plain HTTP), the value is selected instead. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import css from "./copy.module.css";

const SHOWN_MS = 1500;

export function Copy({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const text = useRef<HTMLElement>(null);
  const copy = async () => {
    if (text.current !== null) getSelection()?.selectAllChildren(text.current);
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- absent outside of secure contexts
    if (navigator.clipboard === undefined) return;
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <span className={css["copy"]}>
      <code ref={text} className={css["value"]}>
        {value}
      </code>
      <Tooltip label={copied ? t("common.copied") : t("common.copy")}>
        <ActionIcon
          variant="subtle"
          c="var(--ink)"
          size={26}
          aria-label={`${copied ? t("common.copied") : t("common.copy")}: ${label}`}
          onClick={() => void copy()}
        >
          {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
