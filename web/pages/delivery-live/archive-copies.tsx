/** The copies of a delivery beside its messages: what is due and what became of it, and why messages wait for the archive. */
import { IconClockPause } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { CopyFigures, Delivery } from "../../../src/contract/index.ts";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { StackedBar } from "../../parts/stacked-bar.tsx";
import { CopyIdentity } from "../archive/copy-identity.tsx";
import { copyParts } from "../archive/view-model.ts";
import { useFigures } from "../delivery/use-figures.ts";
import { useFormats } from "../../parts/use-now.ts";
import { asLive } from "../delivery/view-model.ts";
import css from "./live.module.css";

export function ArchiveCopies({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const { data } = useFigures(delivery.id);
  if (data === undefined || (data.copies.due === 0 && !delivery.settings.archive.on)) return null;
  const waitingFor = asLive(data)?.waitingFor ?? null;
  return (
    <Section title={t("copies.title")}>
      {waitingFor !== null && (
        <div className={css["hold"]}>
          <Notice tone="retry" icon={IconClockPause} title={t("copies.waiting")}>
            <p className="mono">{waitingFor}</p>
          </Notice>
        </div>
      )}
      <div className={css["copies"]}>
        <CopyIdentity figures={data.copies} search={{ delivery: delivery.id }} />
        {data.copies.due > 0 ? (
          <StackedBar slim parts={copyParts(data.copies)} of="archive.bar" />
        ) : (
          <p className="muted">{t("copies.none")}</p>
        )}
        {data.seedCopies !== undefined && <OfSeeds figures={data.seedCopies} />}
      </div>
    </Section>
  );
}

/** They are in the ledger and in the archive, and beside none of the figures of recipients. */
function OfSeeds({ figures }: { figures: CopyFigures }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const words = {
    n: formats.int(figures.due),
    archived: formats.int(figures.archived),
    owed: formats.int(figures.owed),
    givenUp: formats.int(figures.givenUp),
  };
  return <p className="muted">{t("copies.ofSeeds", words)}</p>;
}
