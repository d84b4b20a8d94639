/** What a visitor reads when a link leads nowhere. */
import type { PageLanguage } from "../../platform/public-page.ts";

export type NoTarget = "unknown" | "expired";

/** Title and sentence. */
export const WORDS: Record<PageLanguage, Record<NoTarget, readonly [string, string]>> = {
  en: {
    unknown: ["This link leads nowhere", "The page behind it is not known here, or no longer."],
    expired: [
      "This link has expired",
      "The message it comes from is too old by now. The sender’s own site will help you further.",
    ],
  },
  fr: {
    unknown: ["Ce lien ne mène nulle part", "La page correspondante est inconnue ici, ou ne l’est plus."],
    expired: ["Ce lien a expiré", "Le message d’où il vient est trop ancien. Le site de l’expéditeur vous aidera."],
  },
  es: {
    unknown: ["Este enlace no lleva a ninguna parte", "La página de destino no se conoce aquí, o ya no."],
    expired: [
      "Este enlace ha caducado",
      "El mensaje del que procede es demasiado antiguo. El sitio del remitente le ayudará.",
    ],
  },
};
