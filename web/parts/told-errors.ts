/** A refusal of an act, told in the corner: the server's title and detail, word for word. */
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import { ApiProblem } from "../api.ts";

export function useToldErrors(): (error: unknown) => void {
  const { t } = useTranslation();
  return (error) => {
    const problem = error instanceof ApiProblem ? error.problem : null;
    const offline = problem?.code === "no-connection";
    notifications.show({
      title: offline ? t("problem.noConnection") : (problem?.title ?? t("problem.crashed")),
      message: offline ? t("problem.noConnectionDetail") : (problem?.detail ?? String(error)),
      color: "var(--failed-fill)",
      autoClose: 12_000,
    });
  };
}
