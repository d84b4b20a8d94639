/** Les mots de la page du compte de la personne connectée. */
import type { account as source } from "../en/account.ts";
import type { Catalogue } from "../en/index.ts";

export const account: Catalogue<typeof source> = {
  account: {
    title: "Votre compte",
    intro: "Vous êtes connecté en tant que {{login}} ({{name}}).",
    token:
      "Vous êtes connecté avec le jeton « {{label}} ». Mots de passe et seconds facteurs appartiennent aux opérateurs.",
    password: "Mot de passe",
    current: "Mot de passe actuel",
    wrongPassword: "Ce n’est pas votre mot de passe.",
    changePassword: "Changer le mot de passe",
    passwordSaved: "Le mot de passe est changé. Les autres navigateurs ont été déconnectés.",
    secondFactor: "Second facteur",
    noSecondFactor: "Avec une application d’authentification, personne n’entre avec votre seul mot de passe.",
    setUp: "Installer une application d’authentification",
    addSecret: "Ajoutez cette clé à votre application d’authentification, puis saisissez le code qu’elle affiche.",
    secret: "Clé",
    openApp: "L’ouvrir dans une application de cet appareil",
    firstCode: "Code de l’application",
    confirm: "Confirmer",
    codes: "Codes de secours",
    codesHint:
      "Gardez ces codes là où vous les trouverez sans votre téléphone. Chacun sert une fois ; ils ne seront plus affichés.",
    codesKept: "Je les ai gardés",
    inForce_one: "Une application d’authentification est demandée à la connexion. Il reste un code de secours.",
    inForce_other:
      "Une application d’authentification est demandée à la connexion. Il reste {{count}} codes de secours.",
    removeSecondFactor: "Retirer le second facteur",
    browsers: "Navigateurs connectés",
    thisBrowser: "celui-ci",
    endSession: "Déconnecter",
  },
};
