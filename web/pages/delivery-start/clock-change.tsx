/** Where the clocks of the zone are changed at that hour: which of two is meant, or that there is none and what it would be. */
import { Button, Radio } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Notice } from "../../parts/notice.tsx";
import { type LocalTime, type Occurrence, offsetWord } from "./local-time.ts";
import css from "./start.module.css";

type Props = {
  time: LocalTime;
  zone: string;
  occurrence: Occurrence;
  /** Left out: it cannot be chosen. */
  onOccurrence?: (occurrence: Occurrence) => void;
  /** Takes what the clocks show instead. */
  onTake: (next: string) => void;
};

export function ClockChange({ time, zone, occurrence, onOccurrence, onTake }: Props) {
  const { t } = useTranslation();
  if (time.kind === "gap") {
    const shown = time.next.replace("T", " ");
    return (
      <Notice tone="failed" icon={IconClockExclamation} title={t("start.clocks.gap", { zone })}>
        <p>{t("start.clocks.gapText", { next: shown })}</p>
        <Button size="xs" variant="default" mt={8} onClick={() => onTake(time.next)}>
          {t("start.clocks.take", { next: shown })}
        </Button>
      </Notice>
    );
  }
  if (time.kind !== "twice") return null;
  const words = { earlier: offsetWord(time.earlier, zone), later: offsetWord(time.later, zone) };
  if (onOccurrence === undefined)
    return <p className="muted">{t("start.clocks.laterMeant", { offset: words.later })}</p>;
  return (
    <Radio.Group
      label={t("start.clocks.twice")}
      value={occurrence}
      onChange={(value) => onOccurrence(value === "later" ? "later" : "earlier")}
    >
      <div className={css["occurrences"]}>
        {(["earlier", "later"] as const).map((each) => (
          <Radio key={each} value={each} label={t(`start.clocks.${each}`, { offset: words[each] })} />
        ))}
      </div>
    </Radio.Group>
  );
}
