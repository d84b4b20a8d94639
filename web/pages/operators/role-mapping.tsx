/** Which roles and groups the values of a claim give. */
import { ActionIcon, Button, MultiSelect, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Role } from "../../../src/contract/operators.ts";
import type { SignInSettings } from "../../../src/contract/sign-in-settings.ts";
import { groupsQuery } from "../../queries-operators.ts";
import css from "./operators.module.css";
import { ROLES } from "./view-model.ts";

type Line = SignInSettings["mapping"][number];
type Props = { lines: readonly Line[]; error: string | undefined; onChange: (lines: Line[]) => void };

export function RoleMapping({ lines, error, onChange }: Props) {
  const { t } = useTranslation();
  const groups = useQuery(groupsQuery).data?.data ?? [];
  const change = (at: number, part: Partial<Line>) =>
    onChange(lines.map((line, index) => (index === at ? { ...line, ...part } : line)));
  return (
    <>
      {lines.map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have no other name, and are only added at the end
        <div key={index} className={css["mapping"]}>
          <TextInput
            label={t("oidc.value")}
            value={line.value}
            onChange={(event) => change(index, { value: event.currentTarget.value })}
            autoComplete="off"
          />
          <RolesChoice label={t("access.roles")} roles={line.roles} onChange={(roles) => change(index, { roles })} />
          <MultiSelect
            label={t("access.groups")}
            data={groups.map(({ id, name }) => ({ value: id, label: name }))}
            value={line.groups}
            onChange={(ids) => change(index, { groups: ids })}
          />
          <ActionIcon
            variant="subtle"
            c="var(--ink)"
            aria-label={t("oidc.remove", { line: index + 1 })}
            onClick={() => onChange(lines.filter((_line, other) => other !== index))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {error !== undefined && (
        <p role="alert" className={css["refused"]}>
          {error}
        </p>
      )}
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...lines, { value: "", roles: [], groups: [] }])}
        >
          {t("oidc.add")}
        </Button>
      </div>
    </>
  );
}

type Choice = { label: string; roles: readonly Role[]; onChange: (roles: Role[]) => void };

export function RolesChoice({ label, roles, onChange }: Choice) {
  const { t } = useTranslation();
  return (
    <MultiSelect
      label={label}
      data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
      value={[...roles]}
      onChange={(value) => onChange(ROLES.filter((role) => value.includes(role)))}
    />
  );
}
