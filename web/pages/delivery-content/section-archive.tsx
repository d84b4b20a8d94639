/** "E-mail BCC" of a delivery or of a template: whether copies are made, when, and for which archives. Works on `settings.archive` alone. */
import { Checkbox, NativeSelect, Switch } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Archive, Settings } from "../../../src/contract/index.ts";
import { archivesQuery, settingsQuery } from "../../queries.ts";
import css from "./content.module.css";
import { archiveChoices, type Bcc, chosenTiming, platformBcc } from "./section-archive-model.ts";

type Props = {
  value: Bcc;
  onChange: (value: Bcc) => void;
  error?: string | undefined;
  readOnly: boolean;
};

export function ArchiveSection(props: Props) {
  const { t } = useTranslation();
  const { value, onChange, error, readOnly } = props;
  const { data } = useQuery(archivesQuery);
  const archives = data?.data;
  return (
    <>
      <Switch
        label={t("bcc.on")}
        description={t("bcc.onHint")}
        error={error}
        checked={value.on}
        disabled={readOnly}
        onChange={(event) => onChange({ ...value, on: event.currentTarget.checked })}
        data-field="archive"
      />
      {archives !== undefined && !archives.some(({ enabled }) => enabled) && <NoArchive archives={archives} />}
      {value.on && (
        <>
          <Timing {...props} />
          {archives !== undefined && archives.length > 0 && <Choice {...props} archives={archives} />}
        </>
      )}
    </>
  );
}

function NoArchive({ archives }: { archives: readonly Archive[] }) {
  const { t } = useTranslation();
  return (
    <p className={css["note"]}>
      <IconInfoCircle size={16} aria-hidden />
      <span>
        {t(archives.length === 0 ? "bcc.noArchive" : "bcc.allOff")} <Link to="/archive">{t("bcc.setUp")}</Link>
      </span>
    </p>
  );
}

function Timing({ value, onChange, readOnly }: Props) {
  const { t } = useTranslation();
  const platform = platformBcc(useQuery(settingsQuery).data);
  const timing = chosenTiming(value, platform);
  const strict = (value.strict ?? platform.strict) ? "on" : "off";
  const change = (part: Partial<Bcc>) => onChange({ ...value, ...part });
  return (
    <div className={css["evenPair"]}>
      <NativeSelect
        label={t("bcc.timing")}
        description={t(`bcc.timingHint.${timing}`)}
        disabled={readOnly}
        value={value.timing ?? ""}
        data={[
          { value: "", label: t("bcc.platform", { value: t(`bcc.timings.${platform.timing}`) }) },
          { value: "before", label: t("bcc.timings.before") },
          { value: "after", label: t("bcc.timings.after") },
        ]}
        onChange={({ currentTarget }) =>
          change({
            timing: currentTarget.value === "" ? undefined : (currentTarget.value as Settings["archive"]["timing"]),
          })
        }
      />
      <NativeSelect
        label={t("bcc.strict")}
        description={t(timing === "before" ? `bcc.strictHint.${strict}` : "bcc.strictAfter")}
        disabled={readOnly || timing === "after"}
        value={value.strict === undefined ? "" : String(value.strict)}
        data={[
          { value: "", label: t("bcc.platform", { value: t(`bcc.stricts.${platform.strict ? "on" : "off"}`) }) },
          { value: "true", label: t("bcc.stricts.on") },
          { value: "false", label: t("bcc.stricts.off") },
        ]}
        onChange={({ currentTarget }) =>
          change({ strict: currentTarget.value === "" ? undefined : currentTarget.value === "true" })
        }
      />
    </div>
  );
}

function Choice({ value, onChange, readOnly, archives }: Props & { archives: readonly Archive[] }) {
  const { t } = useTranslation();
  return (
    <Checkbox.Group
      label={t("bcc.archives")}
      description={t("bcc.archivesHint")}
      value={value.archives ?? []}
      onChange={(ids) => onChange({ ...value, archives: ids.length === 0 ? undefined : ids })}
    >
      <div className={css["checks"]}>
        {archiveChoices(value, archives).map(({ id, archive }) => (
          <Checkbox
            key={id}
            value={id}
            iconColor="var(--paper)"
            disabled={readOnly}
            label={archive?.name ?? t("bcc.unknownArchive", { id })}
            description={noteOf(archive, t("archive.off"), t("archiveForm.onlyNamed"))}
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}

const noteOf = (archive: Archive | null, off: string, onlyNamed: string): string | null =>
  archive === null ? null : !archive.enabled ? off : archive.rule.onlyNamed ? onlyNamed : null;
