/** One line of the audit log: who, from where, what it did, and each value before and after. */
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { AuditLine } from "../../../src/contract/operators.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import css from "./operators.module.css";
import { type AuditSearch, NO_AUDIT_FILTER, sideText } from "./view-model.ts";

type Props = { line: AuditLine; onClose: () => void; onFilter: (search: AuditSearch) => void };

export function AuditDrawer({ line, onClose, onFilter }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { resource, resourceId } = line;
  const detail = Object.entries(line.detail);
  return (
    <Drawer title={`${line.action} · ${resource} ${resourceId ?? ""}`} onClose={onClose} wide>
      <Facts
        facts={[
          [t("access.at"), formats.dateTime(line.at)],
          [t("access.who"), line.actor],
          [t("access.address"), line.address],
          [t("access.status"), line.status === null ? t("access.unfinished") : String(line.status)],
          ...detail.map(([name, value]) => [name, sideText(value) ?? ""] as const),
          ...(line.requestId === null ? [] : [[t("access.request"), line.requestId] as const]),
        ]}
      />
      <Section title={t("access.changes")}>
        {line.changes.length === 0 && <p className="muted">{t("access.noChanges")}</p>}
        {line.changes.map((change) => (
          <div key={change.pointer} className={css["change"]}>
            <div className={css["pointer"]}>{change.pointer.slice(1) || resource}</div>
            <div className={css["sides"]}>
              <Side word={t("access.before")} value={sideText(change.before)} />
              <Side word={t("access.after")} value={sideText(change.after)} />
            </div>
          </div>
        ))}
      </Section>
      <div>
        {resourceId !== null && (
          <Button
            variant="default"
            mt={12}
            onClick={() => onFilter({ ...NO_AUDIT_FILTER, resource, id: resourceId, line: undefined })}
          >
            {t("access.allOfThis")}
          </Button>
        )}
      </div>
    </Drawer>
  );
}

function Side({ word, value }: { word: string; value: string | undefined }) {
  const { t } = useTranslation();
  return (
    <div>
      <div className={css["sideWord"]}>{word}</div>
      {value === undefined ? (
        <span className="muted">{t("access.wasNotThere")}</span>
      ) : (
        <pre className={css["side"]}>{value === "" ? t("common.empty") : value}</pre>
      )}
    </div>
  );
}
