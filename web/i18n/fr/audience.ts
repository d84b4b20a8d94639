/** Words about people, in French. */
import type { audience as source } from "../en/audience.ts";
import type { Catalogue } from "../en/index.ts";

export const audience: Catalogue<typeof source> = {
  upload: {
    drop: "Déposez un fichier CSV ici, ou",
    choose: "choisissez un fichier",
    hint: "Une ligne d’en-tête avec une colonne email ; toute autre colonne devient un attribut. Séparateur et encodage sont reconnus.",
    sending: "Envoi de {{name}}",
    reading: "Lecture de {{name}}",
    done: "{{name}} : {{total}} lignes lues",
    failed: "{{name}} n’a pas pu être importé",
    created: "créés",
    updated: "mis à jour",
    skipped: "inchangés",
    rejected: "rejetés",
    repeated: "répétées",
    rejectedTitle: "Lignes rejetées",
  },
  imports: {
    title: "Imports",
    new: "Importer un fichier CSV",
    emptyTitle: "Pas encore d’import",
    emptyText:
      "Déposez un fichier CSV ci-dessus. Les lignes inutilisables sont listées avec ligne, colonne et motif ; les autres deviennent des destinataires.",
    col: {
      file: "Fichier",
      status: "Statut",
      total: "Lignes",
      created: "Créés",
      updated: "Mis à jour",
      skipped: "Inchangés",
      failed: "Rejetés",
    },
    status: {
      tried: "Essayé",
      undoing: "Annulation",
      undone: "Annulé",
      pending: "En attente",
      running: "Lecture",
      completed: "Terminé",
      failed: "En échec",
    },
    errorsEmpty: "Aucune ligne n’a été rejetée.",
    error: { line: "Ligne", column: "Colonne", value: "Valeur", reason: "Motif" },
    use: "Utiliser dans une nouvelle diffusion",
  },
  unsubscriptions: {
    title: "Désinscriptions",
    intro:
      "Qui a demandé à ne plus recevoir de messages. Ces adresses sont aussitôt sur liste de blocage et exclues de la prochaine analyse.",
    col: { address: "Adresse", source: "Par", state: "État", message: "Message", at: "Moment" },
    source: {
      page: "Page de désinscription",
      "one-click": "Un clic dans la messagerie",
      mailto: "E-mail",
    },
    meaning: {
      page: "Le lien du message, puis le bouton de sa page",
      "one-click": "Le bouton de la messagerie (RFC 8058)",
      mailto: "Un message à la boîte de désinscription",
    },
    stands: "Désinscrit",
    undone: "Annulée",
    emptyTitle: "Personne ne s’est désinscrit",
    emptyText: "Les désinscriptions par lien, par messagerie et par e-mail apparaissent ici.",
    noneOfAddress: "Cette adresse ne s’est pas désinscrite",
  },
};
