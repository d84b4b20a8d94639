/** What personalises: attributes of the audience, data of the message, blocks. Chosen ones go to the cursor, in the syntax in use. */
import { Button, Menu } from "@mantine/core";
import { IconBraces, IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Content } from "../../src/contract/index.ts";
import { blocksQuery, someRecipientsQuery } from "../queries.ts";
import css from "./insert-menu.module.css";
import { attributeNames, blockTag, MESSAGE_VARIABLES, outputTag } from "./insert-words.ts";

type Props = {
  syntax: Content["syntax"];
  /** Of the delivery: `delivery.NAME`. */
  variables?: readonly string[];
  blocks?: boolean;
  onInsert: (words: string) => void;
};

export function InsertMenu({ syntax, variables = [], blocks = true, onInsert }: Props) {
  const { t } = useTranslation();
  const recipients = useQuery(someRecipientsQuery);
  const known = useQuery({ ...blocksQuery, enabled: blocks });
  const output = (path: string) => (
    <Menu.Item key={path} className={css["item"]} onClick={() => onInsert(outputTag(path, syntax))}>
      <span className="mono">{path}</span>
    </Menu.Item>
  );
  return (
    <Menu
      position="bottom-start"
      width={300}
      returnFocus={false}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      zIndex={70}
    >
      <Menu.Target>
        <Button
          size="compact-sm"
          fz={13}
          variant="default"
          leftSection={<IconBraces size={15} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {t("insert.button")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={css["menu"] ?? ""}>
        <Menu.Label>{t("insert.attributes")}</Menu.Label>
        {attributeNames(recipients.data?.data ?? []).map((name) => output(`recipient.${name}`))}
        {variables.length > 0 && <Menu.Label>{t("insert.variables")}</Menu.Label>}
        {variables.map((name) => output(`delivery.${name}`))}
        {blocks && <Menu.Label>{t("insert.blocks")}</Menu.Label>}
        {(known.data?.data ?? []).map((block) => (
          <Menu.Item key={block.name} className={css["item"]} onClick={() => onInsert(blockTag(block.name, syntax))}>
            {block.label || block.name} <span className={css["name"]}>{block.name}</span>
          </Menu.Item>
        ))}
        <Menu.Label>{t("insert.message")}</Menu.Label>
        {MESSAGE_VARIABLES.map(output)}
      </Menu.Dropdown>
    </Menu>
  );
}
