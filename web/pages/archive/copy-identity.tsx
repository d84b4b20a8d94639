/** The identity of the ledger as one line of text: due = archived + owed + given up, each number a door to its copies. */
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";

import type { CopyFigures } from "../../../src/contract/index.ts";
import { useFormats } from "../../parts/use-now.ts";
import css from "./archive.module.css";
import { type CopySearch, copyParts } from "./view-model.ts";

type Props = { figures: CopyFigures; search?: Omit<CopySearch, "state"> };

export function CopyIdentity({ figures, search = {} }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <p className={css["identity"]}>
      <Link className="door" to="/archive" search={search} hash="copies">
        <b>{formats.int(figures.due)}</b> {t("archive.due")}
      </Link>
      {copyParts(figures).map((part, index) => (
        <Fragment key={part.name}>
          <span aria-hidden>{index === 0 ? "=" : "+"}</span>
          <span data-tone={part.tone} data-copies={part.name} data-zero={part.count === 0 || undefined}>
            <Link className="door" to="/archive" search={{ ...search, state: part.state }} hash="copies">
              <b>{formats.int(part.count)}</b> {t(`part.${part.name}`).toLocaleLowerCase(formats.locale)}
            </Link>
          </span>
        </Fragment>
      ))}
    </p>
  );
}
