/** Words about addresses that receive nothing, and those whose errors are ignored, in French. */
import type { Catalogue } from "../en/index.ts";
import type { quarantine as source } from "../en/quarantine.ts";

export const quarantine: Catalogue<typeof source> = {
  quarantine: {
    title: "Quarantaine",
    intro:
      "Ce que les serveurs ont dit des adresses. L’analyse exclut celles en quarantaine et sur liste de blocage ; avec erreurs, l’envoi continue.",
    tab: { addresses: "Adresses", allowlist: "Liste d’autorisation" },
    search: "Chercher une adresse",
    col: {
      address: "Adresse",
      status: "Statut",
      reason: "Motif",
      errors: "Erreurs",
      errorText: "Réponse",
      at: "Modifiée",
    },
    textHint: "Partie de la réponse du serveur",
    since: "Modifiée depuis",
    status: {
      valid: "Valide",
      "with-errors": "Avec erreurs",
      held: "En suspens",
      quarantined: "En quarantaine",
      denylisted: "Sur liste de blocage",
    },
    meaning: {
      valid: "Rien ne compte contre elle.",
      "with-errors": "Des erreurs passagères ont été comptées ; l’envoi continue. Une diffusion qui arrive y met fin.",
      held: "Inconnue chez un fournisseur qui connaît soudain bien moins de monde que d’habitude. L’envoi continue jusqu’à ce qu’une personne décide.",
      quarantined:
        "Une erreur définitive, ou trop d’erreurs passagères. Seule une personne y met fin, pas un message qui arrive.",
      denylisted: "Son propriétaire ne veut pas de messages, ou une personne l’a dit.",
    },
    denied: {
      unsubscribed: "Désinscription",
      complaint: "Plainte",
      operator: "À la main",
      imported: "Importée",
    },
    noProvider: "Fournisseur inconnu",
    counted: "Erreurs comptées",
    emptyTitle: "Aucune adresse n’est en quarantaine",
    emptyText: "Les adresses en échec définitif viennent ici et sont exclues de la prochaine analyse.",
    emptyFiltered: "Aucune adresse ne correspond",
    export: "Exporter",
    exportHint: "Un fichier CSV de toutes les adresses que laissent les filtres",
    import: "Importer",
    history: "Historique",
    noHistory: "Rien n’est arrivé à cette adresse.",
    openMessage: "Message {{key}}",
    inbound: "Courrier entrant à son sujet",
    by: "par {{actor}}",
    note: "Note",
    noteHint: "Pourquoi ; elle figure dans l’historique de chaque adresse",
    noteOptional: "Pourquoi ; peut rester vide",
    cause: {
      error: "Réponse d’un serveur",
      delivered: "Message arrivé de nouveau",
      guard: "Mise en suspens par le garde-panne",
      outage: "Annulée : le fournisseur était en panne",
      allowed: "Erreur ignorée : sur la liste d’autorisation",
      complaint: "Plainte de son propriétaire",
      unsubscribed: "Désinscription de son propriétaire",
      "put-in": "Ajoutée à la main",
      imported: "Importée",
      released: "Libérée",
      confirmed: "Confirmée : bien inconnue",
      dropped: "Écartée : c’était une panne",
    },
    act: {
      release: "Libérer",
      undeny: "Retirer de la liste de blocage",
      "put-in": "Quarantaine ou blocage",
      allow: "Mettre sur la liste d’autorisation",
    },
    actTitle: {
      release: "Libérer {{address}} ?",
      undeny: "Retirer {{address}} de la liste de blocage ?",
      allow: "Mettre {{address}} sur la liste d’autorisation ?",
    },
    actText: {
      release:
        "Elle redevient valide et reçoit des messages dès la prochaine analyse. Ses erreurs sont oubliées ; les nouvelles comptent.",
      undeny:
        "La liste de blocage est la parole du propriétaire de l’adresse : ne le faites que s’il l’a demandé. Il reçoit des messages dès la prochaine analyse.",
      allow:
        "Ses erreurs sont ignorées désormais, et les précédentes oubliées. Qui se désinscrit ou se plaint est bloqué quand même.",
    },
    actYes: {
      release: "Libérer",
      undeny: "Retirer de la liste de blocage",
      allow: "Mettre sur la liste d’autorisation",
    },
    actDone: {
      release: "{{address}} est libérée.",
      undeny: "{{address}} n’est plus sur la liste de blocage.",
      allow: "{{address}} est sur la liste d’autorisation.",
    },
    putIn: {
      open: "Ajouter une adresse",
      title: "Ajouter une adresse",
      where: "Où",
      target: { quarantined: "Quarantaine", denylisted: "Liste de blocage" },
      targetHint: {
        quarantined: "Elle ne fonctionne pas : une libération lui rend les messages",
        denylisted: "Son propriétaire ne veut pas de messages : aucune libération groupée ne l’en retire",
      },
      yes: { quarantined: "Mettre en quarantaine", denylisted: "Bloquer" },
      done: { quarantined: "{{address}} est en quarantaine.", denylisted: "{{address}} est sur la liste de blocage." },
    },
  },
  held: {
    label: "En suspens par le garde-panne",
    title_one: "{{provider}} : {{n}} adresse en suspens",
    title_other: "{{provider}} : {{n}} adresses en suspens",
    text: "Bien plus de destinataires que d’habitude y sont inconnus, ce qui peut être une panne. Tant que personne ne décide, ils ne vont pas en quarantaine et l’envoi continue.",
    first: "première",
    last: "dernière",
    show: "Les afficher",
    drop: "C’est une panne",
    confirm: "Ils sont inconnus",
    ask: {
      drop: {
        title: "{{provider}} est en panne ?",
        text_one: "{{n}} adresse redevient valide. Les réponses suivantes du fournisseur sont jugées à nouveau.",
        text_other: "{{n}} adresses redeviennent valides. Les réponses suivantes du fournisseur sont jugées à nouveau.",
        yes_one: "Rendre valide {{n}} adresse",
        yes_other: "Rendre valides {{n}} adresses",
      },
      confirm: {
        title: "Destinataires inconnus chez {{provider}} ?",
        text_one:
          "{{n}} adresse va en quarantaine et est exclue de la prochaine analyse. Pendant un jour le fournisseur est cru sans question.",
        text_other:
          "{{n}} adresses vont en quarantaine et sont exclues de la prochaine analyse. Pendant un jour le fournisseur est cru sans question.",
        yes_one: "Mettre {{n}} adresse en quarantaine",
        yes_other: "Mettre {{n}} adresses en quarantaine",
      },
    },
    done: {
      drop_one: "{{provider}} : {{n}} adresse est de nouveau valide.",
      drop_other: "{{provider}} : {{n}} adresses sont de nouveau valides.",
      confirm_one: "{{provider}} : {{n}} adresse est en quarantaine.",
      confirm_other: "{{provider}} : {{n}} adresses sont en quarantaine.",
    },
  },
  releaseMany: {
    open: "Libérer en nombre",
    title: "Libérer des adresses en nombre",
    intro:
      "Après une panne : celles en quarantaine ou en suspens qui remplissent tout ce qui suit. Elles sont d’abord comptées. La liste de blocage reste telle quelle.",
    since: "En quarantaine depuis",
    until: "Jusqu’à",
    noWindow: "Doit être après le début",
    count: "Compter",
    countAgain: "Compter de nouveau",
    counted_one: "{{n}} adresse correspond",
    counted_other: "{{n}} adresses correspondent",
    consequence: "Elles redeviennent valides et reçoivent des messages dès la prochaine analyse.",
    more_one: "et {{n}} autre",
    more_other: "et {{n}} autres",
    nobody: "Aucune adresse en quarantaine ne remplit tout cela.",
    yes_one: "Libérer {{n}} adresse",
    yes_other: "Libérer {{n}} adresses",
    done_one: "{{n}} adresse est libérée.",
    done_other: "{{n}} adresses sont libérées.",
  },
  allowlist: {
    intro:
      "Adresses dont les erreurs sont ignorées : une boîte à vous, un partenaire derrière un filtre sévère. Désinscriptions et plaintes comptent quand même.",
    add: "Autoriser une adresse",
    addTitle: "Autoriser une adresse",
    col: { actor: "Par", at: "Depuis" },
    emptyTitle: "Aucune adresse n’est sur la liste d’autorisation",
    emptyText: "Mettez-en une, et aucune erreur ne la met en quarantaine.",
    removeTitle: "Retirer {{address}} de la liste d’autorisation ?",
    removeText: "Ses erreurs comptent de nouveau désormais.",
    removeYes: "Retirer",
    removed: "{{address}} n’est plus sur la liste d’autorisation.",
  },
  addressImport: {
    title: {
      quarantine: "Importer dans la quarantaine",
      allowlist: "Importer dans la liste d’autorisation",
    },
    hint: {
      quarantine:
        "Une ligne d’en-tête ; la colonne email et, au besoin, status (quarantined ou denylisted), reason et note. Un fichier exporté convient.",
      allowlist: "Une ligne d’en-tête ; la colonne email et, au besoin, note. Un fichier exporté convient.",
    },
    taken: "prises",
    more_one: "{{n}} autre ligne a été rejetée.",
    more_other: "{{n}} autres lignes ont été rejetées.",
  },
  newQuarantines: {
    title: "Adresses que des erreurs de cette diffusion ont mises en quarantaine",
    count_one: "{{n}} adresse est allée en quarantaine",
    count_other: "{{n}} adresses sont allées en quarantaine",
    show: "Quarantaine depuis le début",
  },
};
