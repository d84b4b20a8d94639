/** The words of the pages that stand where a mirror page does not: title and sentence. */
import type { PageLanguage } from "../../platform/public-page.ts";

export type Reason = "unknown" | "expired" | "no-html" | "inert" | "unreadable";

export const WORDS: Readonly<Record<PageLanguage, Readonly<Record<Reason, readonly [title: string, text: string]>>>> = {
  en: {
    unknown: [
      "There is no page here",
      "The link may have been cut or altered on its way, or its page was taken down. Please use the complete link from the message.",
    ],
    expired: [
      "This page has expired",
      "Messages can be read on the web for a limited time, and that of this one is over.",
    ],
    "no-html": [
      "This message has no web page",
      "It was written as plain text: all of it is in the message that you received.",
    ],
    inert: [
      "This link is not active yet",
      "It belongs to a proof of a message. In the message itself it will lead to its page.",
    ],
    unreadable: [
      "This page cannot be shown",
      "The message is there, but its page could not be made. Please try again later.",
    ],
  },
  fr: {
    unknown: [
      "Il n’y a pas de page ici",
      "Le lien a peut-être été coupé ou modifié, ou sa page a été retirée. Utilisez le lien complet du message.",
    ],
    expired: [
      "Cette page a expiré",
      "Les messages restent lisibles en ligne pendant un temps limité, et celui de ce message est écoulé.",
    ],
    "no-html": [
      "Ce message n’a pas de page web",
      "Il a été écrit en texte brut : vous avez tout reçu dans le message.",
    ],
    inert: [
      "Ce lien n’est pas encore actif",
      "Il appartient à une épreuve (BAT) du message. Dans le message lui-même, il mènera à sa page.",
    ],
    unreadable: [
      "Cette page ne peut pas être affichée",
      "Le message existe, mais sa page n’a pas pu être produite. Réessayez plus tard.",
    ],
  },
  es: {
    unknown: [
      "Aquí no hay ninguna página",
      "Puede que el enlace se haya cortado o modificado, o que su página se haya retirado. Use el enlace completo del mensaje.",
    ],
    expired: [
      "Esta página ha caducado",
      "Los mensajes se pueden leer en la web por un tiempo limitado, y el de este ya ha pasado.",
    ],
    "no-html": [
      "Este mensaje no tiene página web",
      "Se escribió como texto sin formato: todo está en el mensaje que recibió.",
    ],
    inert: [
      "Este enlace aún no está activo",
      "Pertenece a una prueba del mensaje. En el mensaje mismo llevará a su página.",
    ],
    unreadable: [
      "Esta página no se puede mostrar",
      "El mensaje existe, pero no se pudo crear su página. Inténtelo más tarde.",
    ],
  },
};
