/** Providers, and the choice between the sign-in page and the app. */
import { MantineProvider, mergeThemeOverrides } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryCache, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem, signOut } from "./api.ts";
import { ChoosePassword } from "./pages/sign-in/choose-password.tsx";
import { SignIn } from "./pages/sign-in/sign-in.tsx";
import { Failure } from "./parts/notice.tsx";
import { sessionQuery } from "./queries.ts";
import { router } from "./router.tsx";
import { cssVariables, theme } from "./theme.ts";

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // The session has ended elsewhere: the sign-in page comes, and the address stays for afterwards.
      if (error instanceof ApiProblem && error.problem.status === 401) client.setQueryData(sessionQuery.queryKey, null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // A refusal is an answer; only a server that cannot be reached is worth asking again.
      retry: (count, error) => count < 2 && error instanceof ApiProblem && error.problem.code === "no-connection",
    },
  },
});

type Address = { invitation: string | null; outcome: string | null };

function Door({ invitation, outcome }: Address) {
  const session = useQuery(sessionQuery);
  const [choosing, setChoosing] = useState(invitation !== null);
  const [chosen, setChosen] = useState(false);
  const done = (isChosen: boolean) => {
    setChosen(isChosen);
    setChoosing(false);
    // A session that was open here is of somebody else, or has just ended.
    if (isChosen) void signOut().then(() => client.setQueryData(sessionQuery.queryKey, null));
  };
  if (choosing && invitation !== null) return <ChoosePassword invitation={invitation} onDone={done} />;
  if (session.isPending) return null;
  if (session.isError) return <Failure error={session.error} onRetry={() => void session.refetch()} />;
  return session.data === null ? <SignIn chosen={chosen} outcome={outcome} /> : <RouterProvider router={router} />;
}

/** What Mantine draws by itself has words, too. */
function useWordedTheme() {
  const { t } = useTranslation();
  const close = t("common.close");
  return useMemo(
    () =>
      mergeThemeOverrides(theme, {
        components: { Notification: { defaultProps: { closeButtonProps: { "aria-label": close } } } },
      }),
    [close],
  );
}

export function App(address: Address) {
  return (
    <MantineProvider theme={useWordedTheme()} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" limit={3} />
        <Door {...address} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
