/** The roles of an operator or a group, each with what it opens. */
import { Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Role } from "../../../src/contract/operators.ts";
import css from "./operators.module.css";
import { ROLES } from "./view-model.ts";

type Props = {
  roles: readonly Role[];
  /** Those that come by groups. */
  inherited?: readonly Role[];
  error?: string | undefined;
  onChange: (roles: Role[]) => void;
};

export function RolesField({ roles, inherited = [], error, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Checkbox.Group
      label={t("access.roles")}
      error={error}
      value={[...roles]}
      onChange={(value) => onChange(ROLES.filter((role) => value.includes(role)))}
    >
      <div className={css["choices"]}>
        {ROLES.map((role) => (
          <Checkbox
            key={role}
            value={role}
            label={inherited.includes(role) ? t("access.byGroup", { role: t(`role.${role}`) }) : t(`role.${role}`)}
            description={t(`roleMeaning.${role}`)}
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}
