/** The properties of one template. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { PageHead } from "../../parts/page.tsx";
import { templateQuery } from "../../queries.ts";
import { Properties } from "./properties.tsx";

const route = getRouteApi("/templates/$id/properties");

export function TemplateProperties() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const template = useQuery(templateQuery(id)).data;
  return (
    <>
      <PageHead
        title={`${template?.label ?? ""} · ${t("property.title")}`}
        before={
          <Link to="/templates/$id" params={{ id }}>
            {template?.label ?? t("templates.one")}
          </Link>
        }
      />
      <Properties kind="templates" id={id} />
    </>
  );
}
