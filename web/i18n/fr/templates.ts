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
    publishTitle: "Publier « {{label}} » pour les messages unitaires ?",
    publishText:
      "Les messages unitaires sont faits de la version {{version}} à partir de maintenant. Les changements ultérieurs comptent à la prochaine publication.",
    ignoreDenylist: "Aussi aux personnes en liste noire",
    ignoreDenylistHint:
      "Les personnes qui ne veulent plus de courrier reçoivent tout de même ces messages. Seulement pour ce qui fait partie d’un service qu’elles utilisent, comme un reçu ou un code ; jamais pour du marketing.",
    ignoreDenylistMarketing:
      "Ce modèle est du marketing, qui ne va jamais aux personnes qui ne veulent plus de courrier.",
    execute: {
      button: "Exécuter",
      title: "Exécuter « {{label}} » ?",
      modes: {
        manual: "Une diffusion est faite du modèle et analysée. Rien ne part avant que quelqu’un ne confirme.",
        "semi-automatic":
          "Une diffusion est faite du modèle et analysée. Elle démarre d’elle-même sans erreur ni avertissement, une fois approuvé ce qui doit l’être.",
        automatic:
          "Une diffusion est faite du modèle et analysée. Elle démarre d’elle-même sans erreur, une fois approuvé ce qui doit l’être.",
      },
      segment: "Segments",
      list: "Listes",
      import: "Imports",
      people_one: "{{n}} personne, moins celles que l’analyse exclut",
      people_other: "{{n}} personnes, moins celles que l’analyse exclut",
      unknown: "L’analyse compte combien de personnes cela fait.",
    },
    unpublish: "Mettre fin à la publication",
    unknown: "…",
    col: { bcc: "E-mail Cci", kind: "Type", updated: "Modifié" },
  },
};
