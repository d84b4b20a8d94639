/** How many people a tree is, counted while it is built; some of them; and the tree in words. */
import { Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconLoader } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { SegmentPreview } from "../../../src/contract/segments.ts";
import { ApiProblem } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { segmentPreviewQuery } from "../../queries-audience.ts";
import { valuesInRow } from "../recipients/view-model.ts";
import css from "./segments.module.css";
import type { Tree } from "./tree.ts";

const TYPING_MS = 500;

/** The figures of the last tree that could be counted stay until those of the next are there. */
export function useSegmentPreview(tree: Tree) {
  const [settled] = useDebouncedValue(JSON.stringify(tree), TYPING_MS);
  const query = useQuery({ ...segmentPreviewQuery(settled), placeholderData: keepPreviousData });
  const problem = query.error instanceof ApiProblem ? query.error.problem : null;
  return {
    preview: query.data,
    isOld: query.isPlaceholderData || query.isError || settled !== JSON.stringify(tree),
    isCounting: query.isFetching,
    errors: problem?.errors ?? [],
    /** Something else than the tree is wrong. */
    failure: query.error !== null && (problem?.errors ?? []).length === 0 ? query.error : null,
    again: () => void query.refetch(),
  };
}

export function Preview({ preview, isOld, isCounting, errors, failure, again }: ReturnType<typeof useSegmentPreview>) {
  const { t } = useTranslation();
  return (
    <section className={css["preview"]} aria-label={t("segments.preview")} data-old={isOld || undefined}>
      {failure !== null && <Failure error={failure} onRetry={again} />}
      {errors.length > 0 && <p className={css["message"]}>{t("segments.incomplete")}</p>}
      {preview === undefined && errors.length === 0 && failure === null && <Skeleton height={120} />}
      {preview !== undefined && (
        <>
          <p className={css["count"]} aria-live="polite">
            <Count preview={preview} />
            {isCounting && <IconLoader size={16} aria-label={t("segments.counting")} />}
          </p>
          <p className={css["words"]}>{preview.explanation}</p>
          <Samples preview={preview} />
        </>
      )}
    </section>
  );
}

function Count({ preview: { count, exact, margin, sampled } }: { preview: SegmentPreview }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (count === null) return <span className="muted">{t("segments.tooLong")}</span>;
  const n = formats.int(count);
  if (exact) return <b>{t("segments.people", { count, n })}</b>;
  return (
    <>
      <b>{t("segments.about", { count, n })}</b>
      <span className="muted">
        {t("segments.margin", { margin: formats.int(margin), sampled: formats.int(sampled) })}
      </span>
    </>
  );
}

function Samples({ preview: { samples } }: { preview: SegmentPreview }) {
  const { t } = useTranslation();
  if (samples.length === 0) return <p className="muted">{t("segments.nobody")}</p>;
  return (
    <>
      <h2 className={css["samplesTitle"]}>{t("segments.samples")}</h2>
      <ul className={css["samples"]}>
        {samples.map(({ id, address, attributes }) => (
          <li key={id}>
            <Link to="/recipients/$id" params={{ id }} className="door">
              {address}
            </Link>
            <span className="muted">{valuesInRow(attributes)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
