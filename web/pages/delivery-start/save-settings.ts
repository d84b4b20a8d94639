/** Saves one of the delivery's settings over the version that was read; the delivery needs an analysis then. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { patch } from "../../api.ts";
import { deliveryPath } from "../../queries.ts";
import { takeAnswer } from "./queries.ts";

/** What is undefined in `change` is taken out. */
export function useSaveSettings({ id, version, settings }: Delivery, onSaved: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Record<string, unknown>) =>
      patch<Delivery>(deliveryPath(id), version, { settings: { ...settings, ...change } }),
    onSuccess: (saved) => {
      takeAnswer(client, saved);
      notifications.show({ message: t("start.saved"), color: "ink" });
      onSaved();
    },
  });
}
