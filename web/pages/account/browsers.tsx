/** The browsers that are signed in as oneself, each of which can be signed out. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { SignedInBrowser } from "../../../src/contract/operators.ts";
import { remove } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { When } from "../../parts/when.tsx";
import { browsersQuery } from "../../queries-operators.ts";
import css from "./account.module.css";

export function Browsers() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(browsersQuery);
  const rows = query.data?.pages.flatMap((page) => page.data);
  if (query.isError && rows === undefined) return <Failure error={query.error} />;
  return (
    <>
      <ul className={css["browsers"]}>
        {rows?.map((browser) => (
          <Browser key={browser.id} browser={browser} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("common.loadMore")}
        </Button>
      )}
    </>
  );
}

function Browser({ browser: { id, current, address, userAgent, seenAt } }: { browser: SignedInBrowser }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => remove(`/sessions/${id}`, null),
    onSettled: () => client.invalidateQueries({ queryKey: browsersQuery.queryKey }),
    onError: useToldErrors(),
  });
  return (
    <li className={css["browser"]}>
      <div className={css["what"]}>
        <div>{userAgent === "" ? t("common.notKnown") : userAgent}</div>
        <div className="muted">
          {address} · <When iso={seenAt} />
        </div>
      </div>
      {current ? (
        <span className="muted">{t("account.thisBrowser")}</span>
      ) : (
        <Button variant="default" size="xs" loading={end.isPending} onClick={() => end.mutate()}>
          {t("account.endSession")}
        </Button>
      )}
    </li>
  );
}
