/** The one primary button of the page, named by what it does next; sending asks first and says to how many. */
import { Button } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { May } from "../../parts/may.tsx";
import { SendButton } from "../delivery-start/send-button.tsx";
import type { Step } from "./view-model.ts";

type Props = { step: Step; delivery: Delivery; busy: boolean; onSave: () => void; onAnalyse: () => void };

export function StepButton({ step, delivery, busy, onSave, onAnalyse }: Props) {
  const { t } = useTranslation();
  switch (step.kind) {
    case "read-only":
      return null;
    case "save":
      return (
        <Button onClick={onSave} loading={busy} leftSection={<IconChecklist size={16} aria-hidden />}>
          {t("editor.saveAnalyse")}
        </Button>
      );
    case "analyse":
    case "analysing":
    case "blocked":
      return (
        <Button
          onClick={onAnalyse}
          loading={busy || step.kind === "analysing"}
          leftSection={<IconChecklist size={16} aria-hidden />}
        >
          {t("editor.analyse")}
        </Button>
      );
    case "send":
      return (
        <May right="deliveries.start">
          <SendButton people={step.people} delivery={delivery} />
        </May>
      );
  }
}
