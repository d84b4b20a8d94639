/** The saved content as people will get it: one recipient, pasted attributes, or those of the target who are most likely to break it. */
import { Button, SegmentedControl, Skeleton, Textarea, TextInput } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContentProblem, Preview, PreviewInput } from "../../../src/contract/index.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { previewQuery } from "../../queries.ts";
import { PREVIEW_KINDS, type PreviewKind, wishOf } from "./preview-input.ts";
import { PreviewResult } from "./preview-result.tsx";
import css from "./preview.module.css";

type Props = {
  id: string;
  onJump: (problem: ContentProblem) => void;
  onClose: () => void;
};

const WORST: PreviewInput = { worstCases: true };

export function PreviewDrawer({ id, onJump, onClose }: Props) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<PreviewKind>("worst");
  const [address, setAddress] = useState("");
  const [json, setJson] = useState("");
  const [asked, setAsked] = useState<PreviewInput | null>(WORST);
  const [refusal, setRefusal] = useState<string | null>(null);
  const query = useQuery({
    ...previewQuery(id, asked ?? WORST),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
  });

  const ask = (next: PreviewKind, nextJson = json) => {
    const wish = wishOf(next, address, nextJson);
    setRefusal(wish.kind === "refused" ? t(`preview.refused.${wish.reason}`, { detail: wish.detail }) : null);
    if (wish.kind === "ready") setAsked(wish.input);
    else if (wish.kind === "empty") setAsked(null);
  };
  const editAttributes = (attributes: Record<string, unknown>) => {
    setJson(JSON.stringify(attributes, null, 2));
    setKind("attributes");
  };
  return (
    <Drawer wide title={t("preview.title")} onClose={onClose}>
      <form
        className={css["ask"]}
        onSubmit={(event) => {
          event.preventDefault();
          ask(kind);
        }}
      >
        <SegmentedControl
          size="xs"
          value={kind}
          onChange={(value) => {
            setKind(value as PreviewKind);
            ask(value as PreviewKind);
          }}
          data={PREVIEW_KINDS.map((value) => ({ value, label: t(`preview.kinds.${value}`) }))}
          aria-label={t("preview.as")}
        />
        {kind === "recipient" && (
          <div className={css["line"]}>
            <TextInput
              className={css["grow"] ?? ""}
              aria-label={t("preview.address")}
              placeholder="name@example.com"
              inputMode="email"
              autoComplete="off"
              data-autofocus
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
            />
            <Button type="submit" variant="default">
              {t("preview.show")}
            </Button>
          </div>
        )}
        {kind === "attributes" && (
          <>
            <Textarea
              aria-label={t("preview.attributes")}
              placeholder={'{ "email": "ada@example.com", "first_name": "Ada" }'}
              autosize
              minRows={4}
              maxRows={12}
              error={refusal}
              spellCheck={false}
              classNames={{ input: css["json"] ?? "" }}
              value={json}
              onChange={(event) => setJson(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" className={css["start"] ?? ""}>
              {t("preview.show")}
            </Button>
          </>
        )}
      </form>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {asked !== null && query.isPending && <Skeleton height={360} radius="md" />}
      {asked !== null && query.data !== undefined && !query.isError && (
        <Results previews={query.data.data} onJump={onJump} onEdit={editAttributes} />
      )}
    </Drawer>
  );
}

type ResultsProps = {
  previews: readonly Preview[];
  onJump: (problem: ContentProblem) => void;
  onEdit: (attributes: Record<string, unknown>) => void;
};

function Results({ previews, onJump, onEdit }: ResultsProps) {
  const { t } = useTranslation();
  const [index, setIndex] = useState(0);
  const shown = previews[Math.min(index, previews.length - 1)];
  if (shown === undefined) return <Empty icon={IconUsers} title={t("preview.nobody")} text={t("preview.nobodyText")} />;
  return (
    <>
      {previews.length > 1 && (
        <SegmentedControl
          size="xs"
          fullWidth
          value={String(previews.indexOf(shown))}
          onChange={(value) => setIndex(Number(value))}
          data={previews.map((preview, at) => ({ value: String(at), label: t(`preview.cases.${preview.case}`) }))}
          aria-label={t("preview.kinds.worst")}
        />
      )}
      <PreviewResult preview={shown} onJump={onJump} onEdit={onEdit} />
    </>
  );
}
