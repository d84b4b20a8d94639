/** What a part of the content is called: `subject`, `html`, `header:X-Shop` … (contract: `ContentProblem.part`). */
import { useTranslation } from "react-i18next";

const KINDS = ["subject", "html", "text", "from", "replyTo", "errorAddress", "header", "attachment", "block"] as const;

export function usePartName(): (part: string) => string {
  const { t } = useTranslation();
  return (part) => {
    const [word, ...rest] = part.split(":");
    const kind = KINDS.find((each) => each === word);
    return kind === undefined ? part : t(`partName.${kind}`, { name: rest.join(":") });
  };
}
