/** The foot of a list read by cursor: how many rows are shown, and the next page. Nobody counts the rest for this. */
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

import css from "./page.module.css";
import { useFormats } from "./use-now.ts";

type PagedQuery = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

export function MoreRows({ query, shown }: { query: PagedQuery; shown: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (shown === 0) return null;
  const n = formats.int(shown);
  return (
    <div className={css["foot"]}>
      <span className="muted">
        {query.hasNextPage ? t("common.shownSoFar", { n }) : t("common.allShown", { count: shown, n })}
      </span>
      {query.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          data-row-link
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("common.loadMore")}
        </Button>
      )}
    </div>
  );
}
