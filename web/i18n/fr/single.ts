/** Les mots des messages unitaires. */
import type { Catalogue } from "../en/index.ts";
import type { single as source } from "../en/single.ts";

export const single: Catalogue<typeof source> = {
  single: {
    title: "Messages unitaires",
    intro:
      "Messages que des programmes demandent par l’API, une adresse chacun. Ils partent avant toutes les diffusions.",
    subject: "Objet",
    externalId: "Identifiant externe",
    template: "Modèle",
    accepted: "Accepté",
    sendAt: "Pas avant",
    expires: "Expire",
    ignored: "Non envoyé",
    tags: "Étiquettes",
    metadata: "Métadonnées",
    cancel: "Retirer",
    emptyTitle: "Aucun message unitaire",
    emptyText: "Les programmes les envoient par POST /api/v1/messages.",
    status: {
      scheduled: "Planifié",
      queued: "En file",
      paused: "En pause",
      retrying: "Nouvel essai",
      sent: "Envoyé",
      failed: "En échec",
      expired: "Expiré",
      ignored: "Ignoré",
      cancelled: "Annulé",
      "in-doubt": "Incertain",
    },
    meaning: {
      scheduled: "Il attend son heure",
      queued: "Il part dès que sa destination le permet",
      paused: "Un opérateur ou un relais le retient",
      retrying: "Un serveur l’a fait attendre ; il sera retenté",
      sent: "Le serveur destinataire l’a pris",
      failed: "Il a été refusé",
      expired: "Son délai était passé avant qu’un serveur le prenne",
      ignored: "Il ne devait jamais partir",
      cancelled: "Il a été retiré",
      "in-doubt": "La connexion a été coupée à la fin : le serveur l’a peut-être",
    },
    why: { denylisted: "L’adresse est en liste de refus", quarantined: "L’adresse est en quarantaine" },
  },
};
