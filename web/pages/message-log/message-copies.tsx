/** The copies of one message: each archive with the state of its copy, the reply word for word, and what proves it. */
import { useTranslation } from "react-i18next";

import type { Copy as MessageCopy } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { CopyBadge, COPY_ICON } from "../archive/copy-badge.tsx";
import { COPY_TONE } from "../archive/view-model.ts";
import { IconHelpHexagon } from "@tabler/icons-react";
import css from "./message.module.css";

export function MessageCopies({ copies }: { copies: readonly MessageCopy[] }) {
  const { t } = useTranslation();
  if (copies.length === 0) return null;
  return (
    <>
      <h3 className={css["sub"]}>{t("copies.title")}</h3>
      <ol className={css["timeline"]}>
        {copies.map((copy) => (
          <Entry key={copy.archiveId} copy={copy} />
        ))}
      </ol>
    </>
  );
}

function Entry({ copy }: { copy: MessageCopy }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const Glyph = COPY_ICON[copy.state];
  const moment = (iso: string) => (
    <>
      {formats.clock(iso)} · <When iso={iso} />
    </>
  );
  return (
    <li className={css["entry"]} data-tone={COPY_TONE[copy.state]} data-copy={copy.archiveId}>
      <span className={css["glyph"]}>
        <Glyph size={16} stroke={2} aria-hidden />
      </span>
      <div className={css["entryBody"]}>
        <p className={css["entryHead"]}>
          <b>{copy.archiveName}</b>
          <CopyBadge state={copy.state} />
          <span className={css["at"]}>{copy.archivedAt !== null && moment(copy.archivedAt)}</span>
        </p>
        {copy.inDoubt && <Badge tone="doubt" icon={IconHelpHexagon} word={t("copies.inDoubtMark")} />}
        {copy.reply !== "" && <p className={css["reply"]}>{copy.reply}</p>}
        <Facts copy={copy} />
      </div>
    </li>
  );
}

function Facts({ copy }: { copy: MessageCopy }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <dl className={css["facts"]}>
      <div>
        <dt>{t("copies.attempts")}</dt>
        <dd>{formats.int(copy.attempts)}</dd>
      </div>
      <div>
        <dt>{t("copies.dueSince")}</dt>
        <dd>
          <When iso={copy.dueSince} />
        </dd>
      </div>
      {copy.nextAttemptAt !== null && (
        <div>
          <dt>{t("copies.nextAttempt")}</dt>
          <dd>
            <When iso={copy.nextAttemptAt} />
          </dd>
        </div>
      )}
      {copy.location !== null && (
        <div className={css["whole"]}>
          <dt>{t("copies.location")}</dt>
          <dd className="mono">{copy.location}</dd>
        </div>
      )}
      {copy.digest !== null && (
        <div className={css["whole"]}>
          <dt>{t("copies.digest")}</dt>
          <dd className="mono">{copy.digest}</dd>
          {copy.inert && <dd>{t("copies.inert")}</dd>}
        </div>
      )}
    </dl>
  );
}
