/** The tree as nested boxes: groups with all or any of their conditions, each negated, changed, taken out, added to. */
import { ActionIcon, Button, Checkbox, Menu, NativeSelect } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Condition } from "./condition.tsx";
import css from "./segments.module.css";
import { blank, KINDS, messagesAt, negate, opened, type Path, replaced, shapeOf, type Tree } from "./tree.ts";

export type BuilderProps = {
  tree: Tree;
  errors: readonly { pointer: string; message: string }[];
  readOnly: boolean;
  /** What stands above says whether it is these people or all others: the whole has no `not` of its own. */
  isPlain?: boolean;
  onChange: (tree: Tree) => void;
};

export function Builder({ tree, errors, readOnly, isPlain = false, onChange }: BuilderProps) {
  const change = (path: Path, node: Tree | null) => onChange(replaced(tree, path, node));
  return (
    <fieldset disabled={readOnly} className={css["plain"]}>
      <Node node={tree} path={[]} errors={errors} isPlain={isPlain} change={change} />
    </fieldset>
  );
}

type NodeProps = {
  node: Tree;
  path: Path;
  errors: BuilderProps["errors"];
  isPlain?: boolean;
  change: (path: Path, node: Tree | null) => void;
};

function Node(props: NodeProps) {
  const { node, path, errors, isPlain = false, change } = props;
  const { negated, inner, path: place } = opened(node, path);
  const shape = shapeOf(inner);
  const messages = [
    ...messagesAt(errors, place, shape.kind === "group"),
    ...(negated ? messagesAt(errors, path, true) : []),
  ];
  const head = (!isPlain || negated) && <Negation {...props} negated={negated} />;
  return (
    <div className={css["node"]} data-group={shape.kind === "group" || undefined}>
      {shape.kind === "group" ? (
        <Group head={head} word={shape.word} nodes={shape.children} path={place} errors={errors} change={change} />
      ) : (
        <div className={css["condition"]}>
          {head}
          <Condition node={inner} onChange={(next) => change(place, next)} />
          <TakeOut {...props} />
        </div>
      )}
      {messages.length > 0 && (
        <p className={css["message"]} role="alert">
          {messages.join(" ")}
        </p>
      )}
    </div>
  );
}

function Negation({ node, path, change, negated }: NodeProps & { negated: boolean }) {
  const { t } = useTranslation();
  return (
    <Checkbox
      size="xs"
      label={t("segments.not")}
      checked={negated}
      onChange={() => change(path, negate(node))}
      className={css["not"] ?? ""}
    />
  );
}

function TakeOut({ path, change }: NodeProps) {
  const { t } = useTranslation();
  if (path.length === 0) return null;
  return (
    <ActionIcon
      variant="subtle"
      c="var(--muted)"
      size={30}
      aria-label={t("segments.takeOut")}
      onClick={() => change(path, null)}
    >
      <IconX size={16} aria-hidden />
    </ActionIcon>
  );
}

type GroupProps = Omit<NodeProps, "node"> & { head: React.ReactNode; word: "and" | "or"; nodes: readonly Tree[] };

function Group({ head, word, nodes, path, errors, change }: GroupProps) {
  const { t } = useTranslation();
  const group = (children: readonly Tree[], as = word): Tree => (as === "and" ? { and: children } : { or: children });
  const outer = path.at(-1) === "not" ? path.slice(0, -1) : path;
  return (
    <>
      <div className={css["groupHead"]}>
        {head}
        <NativeSelect
          aria-label={t("segments.combine")}
          size="xs"
          w={170}
          value={word}
          data={[
            { value: "and", label: t("segments.all") },
            { value: "or", label: t("segments.any") },
          ]}
          onChange={(event) => change(path, group(nodes, event.currentTarget.value === "or" ? "or" : "and"))}
        />
        <TakeOut node={group(nodes)} path={outer} errors={errors} change={change} />
      </div>
      {nodes.length === 0 && (
        <p className={css["hint"]}>{t(word === "and" ? "segments.emptyAll" : "segments.emptyAny")}</p>
      )}
      {nodes.map((child, index) => (
        <Node key={index} node={child} path={[...path, word, index]} errors={errors} change={change} />
      ))}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            className={css["add"] ?? ""}
          >
            {t("segments.add")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map((kind) => (
            <Menu.Item key={kind} onClick={() => change(path, group([...nodes, blank(kind)]))}>
              {t(`segments.kind.${kind}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
