/** What stands where a figure would: never a zero that nobody has counted. */
import { useTranslation } from "react-i18next";

export function NotKnown() {
  const { t } = useTranslation();
  return <span className="muted">{t("common.notKnown")}</span>;
}
