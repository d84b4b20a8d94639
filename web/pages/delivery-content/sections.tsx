/** Everything that is rarely changed: one folded line each, which says what is set. */
import { Accordion } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../parts/use-now.ts";
import { Attachments } from "./attachments.tsx";
import css from "./content.module.css";
import type { FormProps } from "./field.ts";
import { FormatSection, HeadersSection, MirrorSection, UnsubscribeSection } from "./section-fields.tsx";
import { SendingSection } from "./section-sending.tsx";
import { TrackingSection } from "./section-tracking.tsx";
import { Variables } from "./variables.tsx";
import { type Section, SECTIONS } from "./view-model.ts";

type Props = FormProps & { open: readonly Section[]; onOpen: (open: Section[]) => void };

export function Sections({ open, onOpen, ...props }: Props) {
  const { t } = useTranslation();
  const summaries = useSummaries(props);
  return (
    <Accordion
      multiple
      value={[...open]}
      onChange={(value) => onOpen(value as Section[])}
      className={css["sections"] ?? ""}
      keepMounted={false}
      transitionDuration={0}
      order={2}
    >
      {SECTIONS.map((section) => (
        <Accordion.Item key={section} value={section}>
          <Accordion.Control classNames={{ control: css["sectionControl"] ?? "", label: css["sectionLabel"] ?? "" }}>
            <span className={css["sectionTitle"]}>{t(`sectionTitle.${section}`)}</span>
            <span className={css["sectionSummary"]}>{summaries[section]}</span>
          </Accordion.Control>
          <Accordion.Panel>
            <div className={css["stack"]}>{bodyOf(section, props)}</div>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function bodyOf(section: Section, props: FormProps): ReactNode {
  switch (section) {
    case "format":
      return <FormatSection {...props} />;
    case "tracking":
      return <TrackingSection {...props} />;
    case "unsubscribe":
      return <UnsubscribeSection {...props} />;
    case "mirror":
      return <MirrorSection {...props} />;
    case "headers":
      return <HeadersSection {...props} />;
    case "attachments":
      return <Attachments {...props} />;
    case "variables":
      return <Variables {...props} />;
    case "sending":
      return <SendingSection {...props} />;
  }
}

function useSummaries({ draft }: FormProps): Record<Section, string> {
  const { t } = useTranslation();
  const formats = useFormats();
  const counted = (count: number, word: "headers" | "attachments" | "variables") =>
    t(`section.count.${word}`, { count, n: formats.int(count) });
  const tracked = [draft.clicks ? t("section.clicks") : null, draft.opens ? t("section.opens") : null];
  const headers = draft.headers.split("\n").filter((line) => line.trim() !== "").length;
  const joined = (...words: (string | null)[]) => words.filter((word) => word !== null && word !== "").join(" · ");
  return {
    format: joined(t(`section.formats.${draft.format}`), draft.charset),
    tracking: joined(...tracked) || t("section.notTracked"),
    unsubscribe: joined(
      t(`section.natures.${draft.nature}`),
      draft.listUnsubscribe && draft.nature === "marketing" ? "List-Unsubscribe" : null,
    ),
    mirror: t(`section.mirrors.${draft.mirror}`),
    headers: joined(counted(headers, "headers"), draft.errorAddress.trim()),
    attachments: counted(draft.attachments.length, "attachments"),
    variables: counted(draft.variables.length, "variables"),
    sending: joined(
      draft.mode === "live" ? null : t(`mode.${draft.mode}`),
      draft.pool.trim(),
      draft.priority === "normal" ? null : `${t("pace.priority")}: ${t(`pace.priorities.${draft.priority}`)}`,
      draft.speed === "" ? null : `${formats.int(draft.speed)} ${t("sending.perHour")}`,
      t("section.attempts", { duration: draft.validity }),
    ),
  };
}
