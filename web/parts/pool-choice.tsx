/** Which pool of sources something leaves from, or none of its own. */
import { NativeSelect, type NativeSelectProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { poolsQuery } from "../queries-sending.ts";

/** "": none. */
export function PoolChoice({ value: pool, ...rest }: Omit<NativeSelectProps, "data" | "value"> & { value: string }) {
  const { t } = useTranslation();
  const pools = useQuery(poolsQuery).data?.data;
  const unknown = pool !== "" && pools?.some(({ name }) => name.toLowerCase() === pool.toLowerCase()) === false;
  const names = pools?.map(({ name }) => name) ?? [];
  return (
    <NativeSelect
      {...rest}
      value={pool}
      data={[
        { value: "", label: t("section.noPool") },
        ...names.map((name) => ({ value: name, label: name })),
        // What is set is never lost by opening the form, whatever its case.
        ...(pool === "" || names.includes(pool)
          ? []
          : [{ value: pool, label: unknown ? t("section.unknownPool", { name: pool }) : pool }]),
      ]}
    />
  );
}
