/** The door to a dialog, beside the title of its section; only while the delivery can be edited. */
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { May } from "../../parts/may.tsx";

type Props = { delivery: Delivery; what: "approvals" | "waves"; children: (onClose: () => void) => ReactNode };

export function ChangeButton({ delivery: { state }, what, children }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (state !== "editing" && state !== "ready") return null;
  return (
    <May right="deliveries.write">
      <Button size="xs" variant="default" aria-label={t(`start.edit.${what}`)} onClick={() => setOpen(true)}>
        {t("start.change")}
      </Button>
      {open && children(() => setOpen(false))}
    </May>
  );
}
