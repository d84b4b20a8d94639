/** The words of the unsubscribe pages. Texts take the masked address, and what it is about: mail, or the name of a service. */
import { html, type Html, type PageLanguage } from "../../platform/public-page.ts";

export type Words = {
  /** What it is about when it is all mail. */
  readonly mail: Html;
  readonly all: string;
  readonly ask: { readonly title: string; readonly text: (who: Html, what: Html) => Html; readonly button: string };
  readonly done: {
    readonly title: string;
    readonly text: (who: Html, what: Html) => Html;
    readonly mistake: string;
    readonly button: string;
  };
  readonly already: { readonly title: string; readonly text: (who: Html, what: Html) => Html };
  readonly back: { readonly title: string; readonly text: (who: Html, what: Html) => Html };
  readonly stands: { readonly title: string; readonly text: (who: Html, what: Html) => Html };
  readonly inert: { readonly title: string; readonly text: string };
  readonly archive: { readonly title: string; readonly text: string };
  readonly unknown: { readonly title: string; readonly text: string };
};

export const WORDS: Readonly<Record<PageLanguage, Words>> = {
  en: {
    mail: html`e-mail`,
    all: "Stop all e-mail",
    ask: {
      title: "Unsubscribe",
      text: (who, what) => html`Press the button and we will send no more ${what} to ${who}.`,
      button: "Unsubscribe",
    },
    done: {
      title: "You are unsubscribed",
      text: (who, what) =>
        html`We will send no more ${what} to ${who}. A message that is already on its way may still arrive.`,
      mistake: "Was that a mistake?",
      button: "I did not want this: subscribe again",
    },
    already: {
      title: "You are already unsubscribed",
      text: (who, what) => html`We send no ${what} to ${who}. There is nothing else to do.`,
    },
    back: {
      title: "You are subscribed again",
      text: (who, what) => html`We will go on sending ${what} to ${who}.`,
    },
    stands: {
      title: "You are still unsubscribed",
      text: (who) =>
        html`Your choice in this message was taken back, but ${who} was unsubscribed in another way too, and that stands. If you want our e-mail again, please write to us.`,
    },
    inert: {
      title: "This link is not active yet",
      text: "It belongs to a proof of a message. In the message itself it will work. Nothing was changed.",
    },
    archive: {
      title: "Nothing was changed",
      text: "This link was used from an archive that keeps copies of messages, so nobody was unsubscribed or subscribed again. If the message is yours, use the link in the message you received, or reply to it.",
    },
    unknown: {
      title: "This link is not valid",
      text: "It may have been cut or altered on its way, or its message is no longer known. Please use the complete link from the message, or answer the message.",
    },
  },
  fr: {
    mail: html`nos e-mails`,
    all: "Ne plus recevoir aucun e-mail",
    ask: {
      title: "Se désabonner",
      text: (who, what) => html`Cliquez sur le bouton et ${who} ne recevra plus ${what}.`,
      button: "Se désabonner",
    },
    done: {
      title: "Vous êtes désabonné(e)",
      text: (who, what) => html`${who} ne recevra plus ${what}. Un message déjà parti peut encore arriver.`,
      mistake: "C’était une erreur ?",
      button: "Ce n’était pas voulu : me réabonner",
    },
    already: {
      title: "Vous êtes déjà désabonné(e)",
      text: (who, what) => html`${who} ne reçoit plus ${what}. Vous n’avez rien d’autre à faire.`,
    },
    back: {
      title: "Vous êtes de nouveau abonné(e)",
      text: (who, what) => html`${who} continuera de recevoir ${what}.`,
    },
    stands: {
      title: "Vous restez désabonné(e)",
      text: (who) =>
        html`Votre choix dans ce message a été annulé, mais ${who} a aussi été désabonné d’une autre façon, et cela reste valable. Pour recevoir de nouveau nos e-mails, écrivez-nous.`,
    },
    inert: {
      title: "Ce lien n’est pas encore actif",
      text: "Il appartient à une épreuve (BAT) du message. Il fonctionnera dans le message lui-même. Rien n’a été modifié.",
    },
    archive: {
      title: "Rien n’a été modifié",
      text: "Ce lien a été utilisé depuis une archive qui conserve des copies de messages : personne n’a été désinscrit ni réinscrit. Si le message est le vôtre, utilisez le lien du message que vous avez reçu, ou répondez-y.",
    },
    unknown: {
      title: "Ce lien n’est pas valable",
      text: "Il a peut-être été coupé ou modifié, ou son message n’est plus connu. Utilisez le lien complet du message, ou répondez au message.",
    },
  },
  es: {
    mail: html`correos`,
    all: "No recibir ningún correo",
    ask: {
      title: "Darse de baja",
      text: (who, what) => html`Pulse el botón y no enviaremos más ${what} a ${who}.`,
      button: "Darme de baja",
    },
    done: {
      title: "Se ha dado de baja",
      text: (who, what) => html`No enviaremos más ${what} a ${who}. Un mensaje que ya ha salido aún puede llegar.`,
      mistake: "¿Ha sido un error?",
      button: "No era mi intención: volver a suscribirme",
    },
    already: {
      title: "Ya está dado de baja",
      text: (who, what) => html`Ya no enviamos ${what} a ${who}. No tiene que hacer nada más.`,
    },
    back: {
      title: "Vuelve a estar suscrito",
      text: (who, what) => html`Seguiremos enviando ${what} a ${who}.`,
    },
    stands: {
      title: "Sigue dado de baja",
      text: (who) =>
        html`Se ha anulado su elección en este mensaje, pero ${who} también se dio de baja de otra forma, y eso se mantiene. Si quiere recibir de nuevo nuestros correos, escríbanos.`,
    },
    inert: {
      title: "Este enlace aún no está activo",
      text: "Pertenece a una prueba del mensaje. Funcionará en el mensaje mismo. No se ha cambiado nada.",
    },
    archive: {
      title: "No se ha cambiado nada",
      text: "Este enlace se ha usado desde un archivo que guarda copias de mensajes; no se ha dado de baja ni de alta a nadie. Si el mensaje es suyo, use el enlace del mensaje que recibió, o respóndalo.",
    },
    unknown: {
      title: "Este enlace no es válido",
      text: "Puede que se haya cortado o modificado, o que su mensaje ya no se conozca. Use el enlace completo del mensaje, o responda al mensaje.",
    },
  },
};
