/** One event of shaping in words: what it is about, what it does, who or what made it. */
import { useTranslation } from "react-i18next";

import type { Effect, Scope, ShapingEventAnswer } from "../../../src/contract/shaping.ts";
import { useFormats } from "../../parts/use-now.ts";
import { effectParts } from "./view-model.ts";

/** Hosts of a site are told apart by commas; a blank lets a line break there. */
const spaced = (site: string): string => site.replaceAll(",", ", ");

export function useScopeWords(): (scope: Scope) => string {
  const { t } = useTranslation();
  return (scope) => {
    switch (scope.kind) {
      case "lane":
        return t("shaping.scope.lane", { source: scope.source, site: spaced(scope.site) });
      case "provider":
        return scope.source === null
          ? t("shaping.scope.provider-all", { provider: scope.provider })
          : t("shaping.scope.provider", { source: scope.source, provider: scope.provider });
      case "source":
        return t("shaping.scope.source", { source: scope.source });
      case "netblock":
        return t("shaping.scope.netblock", { block: scope.block, provider: scope.provider });
      case "dkim-domain":
      case "url-domain":
        return t(`shaping.scope.${scope.kind}`, { domain: scope.domain, provider: scope.provider });
      case "delivery":
        return t("shaping.scope.delivery", { id: scope.deliveryId, provider: scope.provider });
      case "domain":
        return t("shaping.scope.domain", { domain: scope.domain });
    }
  };
}

export function useEffectWords(): (effect: Effect | null) => string {
  const { t } = useTranslation();
  const formats = useFormats();
  return (effect) =>
    effectParts(effect)
      .map((part) => {
        switch (part.kind) {
          case "suspend":
          case "avoid":
          case "free":
            return t(`shaping.effect.${part.kind}`);
          case "connections":
            return t("shaping.effect.connections", { count: part.n, n: formats.int(part.n) });
          case "perHour":
          case "perConnection":
            return t(`shaping.effect.${part.kind}`, { n: formats.int(part.n) });
        }
      })
      .join(", ");
}

/** `time` and `acceptance` are no people. */
export function useEndWords(): (event: Pick<ShapingEventAnswer, "endedBy">) => string {
  const { t } = useTranslation();
  return ({ endedBy }) => {
    if (endedBy === null) return t("shaping.ended");
    if (endedBy === "time") return t("shaping.endedByTime");
    if (endedBy === "acceptance") return t("shaping.endedByAcceptance");
    return t("shaping.endedBy", { actor: endedBy });
  };
}
