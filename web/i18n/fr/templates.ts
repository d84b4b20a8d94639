/** Words of delivery templates, in French. */
import type { Catalogue } from "../en/index.ts";
import type { templates as source } from "../en/templates.ts";

export const templates: Catalogue<typeof source> = {
  templates: {
    title: "Modèles de diffusion",
    one: "Modèle de diffusion",
    intro:
      "Des ensembles nommés de contenu et de réglages. Une nouvelle diffusion les copie ; modifier le modèle ne change aucune diffusion existante.",
    new: "Nouveau modèle",
    newText: "Il ne fixe rien au départ. Seul ce que vous remplissez est copié ; le reste, chaque diffusion le dit.",
    create: "Créer",
    label: "Libellé",
    builtIn: "Intégré",
    own: "À vous",
    bccOn: "Activé",
    bccOff: "Désactivé",
    builtInNote: "Ce modèle est fourni avec Envoi : on peut l’utiliser et le dupliquer, pas le modifier.",
    missing: "Modèle introuvable",
    conflict: "Quelqu’un d’autre a modifié ce modèle depuis que vous l’avez ouvert. Rien n’a été écrasé.",
    use: "Nouvelle diffusion",
    duplicate: "Dupliquer",
    duplicateTitle: "Dupliquer le modèle",
    duplicateText: "La copie est à vous et peut être modifiée.",
    copyOf: "Copie de {{label}}",
    delete: "Supprimer",
    deleteTitle: "Supprimer le modèle « {{label}} » ?",
    deleteText: "Les diffusions créées à partir de lui restent telles quelles.",
    more: "Autres actions",
    open: "Ouvrir son modèle",
    saveAs: "Enregistrer comme modèle",
    saveAsText: "Contenu, expéditeur et réglages tels qu’ils ont été enregistrés ; sans l’audience.",
    saveAsYes: "Enregistrer",
    savedAs: "« {{label}} » fait maintenant partie des modèles",
    chooseHint: "Son contenu, son expéditeur et ses réglages sont copiés. Ce que vous avez saisi reste.",
    published: "Publié pour les messages unitaires : version {{version}}, {{at}}, par {{by}}",
    unpublished: "Non publié pour les messages unitaires",
    publishedOld:
      "Le modèle en est à la version {{version}}. Les messages unitaires suivent la version publiée jusqu’à la prochaine publication.",
    publishedToAll: "Ses messages partent aussi vers les personnes de la liste de refus.",
    publish: "Publier pour les messages unitaires",
    publishAgain: "Publier cette version",
    unpublish: "Mettre fin à la publication",
    unknown: "…",
    col: { bcc: "E-mail Cci", kind: "Type", updated: "Modifié" },
  },
};
