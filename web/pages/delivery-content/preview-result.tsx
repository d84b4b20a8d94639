/** One message that would go out: head, body on a wide or a narrow screen, headers, what it was made of and what was missing. */
import { Anchor, SegmentedControl, Switch } from "@mantine/core";
import { IconAlertTriangle, IconDeviceDesktop, IconDeviceMobile, IconVariableOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContentProblem, Preview } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import { harmless } from "../../parts/harmless.ts";
import { Notice } from "../../parts/notice.tsx";
import { usePartName } from "../../parts/part-name.ts";
import { useFormats } from "../../parts/use-now.ts";
import { firstPart, isClipped, PREVIEW_PARTS, type PreviewPart } from "./preview-input.ts";
import css from "./preview.module.css";

type Props = {
  preview: Preview;
  onJump: (problem: ContentProblem) => void;
  onEdit: (attributes: Record<string, unknown>) => void;
};

export function PreviewResult({ preview, onJump, onEdit }: Props) {
  return preview.error === null ? (
    <Made preview={preview} onEdit={onEdit} />
  ) : (
    <NotMade preview={preview} error={preview.error} onJump={onJump} onEdit={onEdit} />
  );
}

/** Why not, where, and for whom. */
function NotMade({ preview, error, onJump, onEdit }: Props & { error: ContentProblem }) {
  const { t } = useTranslation();
  const nameOf = usePartName();
  return (
    <div className={css["notMade"]}>
      <Notice tone="failed" icon={IconAlertTriangle} title={`${t("preview.failed")}: ${preview.recipient}`}>
        <p>{error.message}</p>
        <button type="button" className={css["place"]} onClick={() => onJump(error)}>
          {t("problem.place", { part: nameOf(error.part), line: error.line, column: error.column })}
        </button>
      </Notice>
      <Anchor component="button" fz={13} onClick={() => onEdit(preview.attributes)}>
        {t("preview.edit")}
      </Anchor>
      <Body preview={preview} part="attributes" narrow={false} images={false} />
    </div>
  );
}

function Made({ preview, onEdit }: Pick<Props, "preview" | "onEdit">) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<PreviewPart | null>(null);
  const [narrow, setNarrow] = useState(false);
  const [images, setImages] = useState(false);
  const part = chosen ?? firstPart(preview);
  return (
    <>
      <Head preview={preview} />
      <div className={css["bar"]}>
        <SegmentedControl
          size="xs"
          value={part}
          onChange={(value) => setChosen(value as PreviewPart)}
          data={PREVIEW_PARTS.map((value) => ({ value, label: t(`preview.parts.${value}`) }))}
          aria-label={t("common.details")}
        />
        {part === "html" && (
          <>
            <SegmentedControl
              size="xs"
              value={narrow ? "narrow" : "wide"}
              onChange={(value) => setNarrow(value === "narrow")}
              data={[
                { value: "wide", label: <Width icon={IconDeviceDesktop} words={t("preview.desktop")} /> },
                { value: "narrow", label: <Width icon={IconDeviceMobile} words={t("preview.mobile")} /> },
              ]}
              aria-label={t("preview.width")}
            />
            <Switch
              size="xs"
              label={t("preview.images")}
              checked={images}
              onChange={(event) => setImages(event.currentTarget.checked)}
            />
          </>
        )}
        {part === "attributes" && (
          <Anchor component="button" fz={13} onClick={() => onEdit(preview.attributes)}>
            {t("preview.edit")}
          </Anchor>
        )}
      </div>
      <Body preview={preview} part={part} narrow={narrow} images={images} />
    </>
  );
}

function Width({ icon: Glyph, words }: { icon: typeof IconDeviceDesktop; words: string }) {
  return (
    <span className={css["width"]}>
      <Glyph size={14} aria-hidden /> {words}
    </span>
  );
}

function Head({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const facts: [string, string][] = [
    [t("preview.from"), preview.from],
    [t("preview.replyTo"), preview.replyTo],
    [t("preview.to"), preview.recipient],
    [t("preview.size"), formats.bytes(preview.size)],
  ];
  return (
    <section className={css["head"]} aria-label={t("preview.headOf")}>
      <h3 className={css["subject"]}>{preview.subject === "" ? t("sandbox.noSubject") : preview.subject}</h3>
      <dl className={css["facts"]}>
        {facts.map(([word, value]) =>
          value === "" ? null : (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {isClipped(preview.html) && (
        <p className={css["warn"]} data-tone="retry">
          <IconAlertTriangle size={15} aria-hidden /> {t("preview.clipped")}
        </p>
      )}
      {preview.missing.length > 0 && (
        <div className={css["missing"]}>
          <span>{t("preview.missing")}</span>
          {preview.missing.map((path) => (
            <Badge key={path} tone="retry" icon={IconVariableOff} word={path} />
          ))}
        </div>
      )}
    </section>
  );
}

type BodyProps = { preview: Preview; part: PreviewPart; narrow: boolean; images: boolean };

function Body({ preview, part, narrow, images }: BodyProps) {
  const { t } = useTranslation();
  switch (part) {
    case "html":
      return preview.html === null ? (
        <p className="muted">{t("sandbox.noPart")}</p>
      ) : (
        <div className={css["paper"]} data-narrow={narrow || undefined}>
          <iframe
            className={css["frame"]}
            sandbox=""
            srcDoc={harmless(preview.html, images)}
            title={t("preview.title")}
          />
        </div>
      );
    case "text":
      return preview.text === null ? (
        <p className="muted">{t("sandbox.noPart")}</p>
      ) : (
        <pre className={css["text"]} tabIndex={0}>
          {preview.text}
        </pre>
      );
    case "headers":
      return <Pairs pairs={preview.headers} missing={[]} />;
    case "attributes":
      return (
        <Pairs
          pairs={Object.entries(preview.attributes).map(([name, value]) => ({
            name,
            value: typeof value === "string" ? value : (JSON.stringify(value) ?? ""),
          }))}
          missing={preview.missing.flatMap((path) => (path.startsWith("recipient.") ? path.slice(10) : []))}
        />
      );
  }
}

function Pairs({ pairs, missing }: { pairs: readonly { name: string; value: string }[]; missing: readonly string[] }) {
  const { t } = useTranslation();
  const absent = missing.filter((name) => !pairs.some((pair) => pair.name === name));
  return (
    <dl className={css["pairs"]}>
      {pairs.map(({ name, value }, index) => (
        <div key={index}>
          <dt className="mono">{name}</dt>
          <dd>{value === "" ? <span className="muted">{t("common.empty")}</span> : value}</dd>
        </div>
      ))}
      {absent.map((name) => (
        <div key={name} data-tone="retry">
          <dt className="mono">{name}</dt>
          <dd className={css["absent"]}>{t("preview.noValue")}</dd>
        </div>
      ))}
    </dl>
  );
}
