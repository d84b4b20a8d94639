/** One property: its name, its value or its field, where that comes from, the way back. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconPencil, IconSettings, IconTemplate, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Traced } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Kind, thingsQuery } from "../../queries-properties.ts";
import { PropertyField } from "./property-field.tsx";
import css from "./properties.module.css";
import { isFound, isInline, nameOf, propertyOf, type Typed, valueText } from "./view-model.ts";

const ORIGIN_ICON: Record<Traced["origin"], Icon> = {
  platform: IconSettings,
  template: IconTemplate,
  delivery: IconPencil,
};

type Props = {
  kind: Kind;
  id: string;
  row: Traced;
  typed: Typed;
  error: string | undefined;
  /** Of the whole, not of what it is found by. */
  editable: boolean;
  readOnly: boolean;
  onChange: (value: unknown) => void;
  onReset: () => void;
};

export function PropertyRow({ kind, id, row, typed, error, editable, readOnly, onChange, onReset }: Props) {
  const { t } = useTranslation();
  const { path } = row;
  const property = propertyOf(path);
  const things = useThings(kind, path);
  if (property === undefined) return null;
  const isTyped = path in typed;
  const isReset = isTyped && typed[path] === null;
  const value = isReset ? row.inherited?.value : isTyped ? typed[path] : row.value;
  const locked = readOnly || !(editable || (isFound(path) && kind === "deliveries"));
  return (
    <div className={css["row"]} data-typed={isTyped || undefined}>
      <span className={css["name"]} title={path}>
        {nameOf(t, path)}
      </span>
      <div className={css["value"]}>
        {isInline(property) ? (
          <PropertyField
            path={path}
            property={property}
            value={value}
            error={error}
            readOnly={locked}
            things={things}
            onChange={onChange}
          />
        ) : (
          <Elsewhere kind={kind} id={id} text={valueText(t, path, value, things)} error={error} />
        )}
      </div>
      <span className={css["origin"]}>
        <Origin kind={kind} row={row} isTyped={isTyped} />
      </span>
      <span className={css["reset"]}>
        {row.inherited !== undefined && !property.required && !locked && !isReset && (
          <Tooltip
            label={t("property.resetTo", {
              value: valueText(t, path, row.inherited.value, things) ?? t("property.none"),
            })}
            maw={420}
            multiline
          >
            <ActionIcon
              variant="subtle"
              size={24}
              aria-label={`${t("property.reset")}: ${nameOf(t, path)}`}
              onClick={onReset}
            >
              <IconArrowBackUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </span>
    </div>
  );
}

function Origin({ kind, row, isTyped }: { kind: Kind; row: Traced; isTyped: boolean }) {
  const { t } = useTranslation();
  if (isTyped) return <Badge tone={null} icon={IconPencil} word={t("property.toChange")} />;
  const isOwn = kind === "templates" && row.origin === "template";
  return (
    <Badge
      tone={null}
      icon={isOwn ? IconPencil : ORIGIN_ICON[row.origin]}
      word={t(`property.origin.${isOwn ? "set" : row.origin}`)}
    />
  );
}

/** What a line cannot hold. */
function Elsewhere({
  kind,
  id,
  text,
  error,
}: {
  kind: Kind;
  id: string;
  text: string | null;
  error: string | undefined;
}) {
  const { t } = useTranslation();
  const word = t("property.editContent");
  return (
    <span className={css["elsewhere"]}>
      <span className={text === null ? "muted" : css["code"]}>{text ?? t("property.none")}</span>
      {kind === "deliveries" ? (
        <Link to="/deliveries/$id/content" params={{ id }} aria-label={word} title={word}>
          <IconPencil size={14} aria-hidden />
        </Link>
      ) : (
        <Link to="/templates/$id" params={{ id }} aria-label={word} title={word}>
          <IconPencil size={14} aria-hidden />
        </Link>
      )}
      {error !== undefined && <span className={css["error"]}>{error}</span>}
    </span>
  );
}

/** What an id can name, by id. */
function useThings(kind: Kind, path: string): ReadonlyMap<string, string> {
  const type = propertyOf(path)?.type;
  const tree = path === "executionFolder" ? "deliveries" : kind;
  const source =
    type?.kind !== "id"
      ? null
      : type.of === "folder"
        ? `/folders?tree=${tree}`
        : type.of === "typology"
          ? "/typologies?limit=1000"
          : `/${type.of}s?limit=1000`;
  const query = useQuery({ ...thingsQuery(source ?? ""), enabled: source !== null });
  const rows = query.data?.data ?? [];
  return new Map(
    rows.map((row) => [
      row.id,
      "path" in row ? (row["path"] as string[]).join(" / ") : (row.label ?? row.name ?? row.id),
    ]),
  );
}
