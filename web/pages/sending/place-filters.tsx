/** Provider and source as filters: those that files and operators know, and the one that the address names. */
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { providersQuery, sourcesQuery } from "../../queries-sending.ts";

type Choice = { value: string; label: string };
type Props = { value: string | undefined; onChange: (value: string | undefined) => void };
const WIDTH = 190;

/** A value that nobody lists is still what the address says. */
const withValue = (choices: readonly Choice[], value: string | undefined): Choice[] =>
  value === undefined || choices.some((each) => each.value === value)
    ? [...choices]
    : [...choices, { value, label: value }];

/** `width`: CSS, where it stands in a form. */
export function ProviderFilter({ value, onChange, width = WIDTH }: Props & { width?: number | string }) {
  const { t } = useTranslation();
  const { data } = useQuery(providersQuery);
  const known = (data?.data ?? [])
    .map(({ name, label }) => ({ value: name, label }))
    .toSorted((left, right) => left.label.localeCompare(right.label));
  const other = { value: "other", label: t("sending.otherProvider") };
  return (
    <NativeSelect
      label={t("sending.provider")}
      w={width}
      value={value ?? ""}
      data={[{ value: "", label: t("sending.anyProvider") }, ...withValue([...known, other], value)]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

export function SourceFilter({ value, onChange }: Props) {
  const { t } = useTranslation();
  const { data } = useQuery(sourcesQuery);
  const known = (data?.data ?? []).map(({ name }) => ({ value: name, label: name }));
  const system = { value: "default", label: t("sending.defaultSource") };
  return (
    <NativeSelect
      label={t("sending.source")}
      w={WIDTH}
      value={value ?? ""}
      data={[{ value: "", label: t("sending.anySource") }, ...withValue([...known, system], value)]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}
