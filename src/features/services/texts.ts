/** The words of the pages of services. */
import { html, type Html, type PageLanguage } from "../../platform/public-page.ts";

type OfService<T> = T & { readonly title: (service: string) => string };
type Plain = { readonly title: string; readonly text: string };

export type Words = {
  readonly form: OfService<{ readonly label: string; readonly button: string; readonly invalid: string }>;
  readonly asked: OfService<{ readonly text: string }>;
  readonly taken: OfService<{ readonly text: string }>;
  readonly confirm: OfService<{ readonly text: (who: Html) => Html; readonly button: string }>;
  readonly subscribed: OfService<{ readonly text: (who: Html) => Html }>;
  readonly used: Plain;
  readonly unknown: Plain;
};

export const WORDS: Readonly<Record<PageLanguage, Words>> = {
  en: {
    form: {
      title: (service) => `Subscribe to ${service}`,
      label: "Your e-mail address",
      button: "Subscribe",
      invalid: "This is no e-mail address. Please look at it once more.",
    },
    asked: {
      title: () => "Look into your mailbox",
      text: "We have sent you a mail with a link. You are subscribed when you have used it. If nothing comes within a few minutes, look among the unwanted mail.",
    },
    taken: { title: () => "Thank you", text: "You will get what you asked for at the address that you gave." },
    confirm: {
      title: (service) => `Subscribe to ${service}`,
      text: (who) => html`Press the button and ${who} is subscribed.`,
      button: "Confirm",
    },
    subscribed: {
      title: (service) => `You are subscribed to ${service}`,
      text: (who) => html`We will write to ${who}. Each mail has a link to unsubscribe.`,
    },
    used: {
      title: "This link was used before",
      text: "You subscribed with it and unsubscribed later. To subscribe again, please ask for a new link.",
    },
    unknown: {
      title: "This link is not valid",
      text: "It may have been cut on its way, or its time is over: links of confirmation mails work for 7 days, and only that of the newest mail. Please subscribe again.",
    },
  },
  fr: {
    form: {
      title: (service) => `S’abonner à ${service}`,
      label: "Votre adresse e-mail",
      button: "S’abonner",
      invalid: "Ce n’est pas une adresse e-mail. Merci de la vérifier.",
    },
    asked: {
      title: () => "Consultez votre messagerie",
      text: "Nous vous avons envoyé un message avec un lien. Vous serez abonné(e) dès que vous l’aurez utilisé. Si rien n’arrive d’ici quelques minutes, regardez dans les courriers indésirables.",
    },
    taken: { title: () => "Merci", text: "Vous recevrez ce que vous avez demandé à l’adresse indiquée." },
    confirm: {
      title: (service) => `S’abonner à ${service}`,
      text: (who) => html`Cliquez sur le bouton et ${who} sera abonné.`,
      button: "Confirmer",
    },
    subscribed: {
      title: (service) => `Vous êtes abonné(e) à ${service}`,
      text: (who) => html`Nous écrirons à ${who}. Chaque message contient un lien de désabonnement.`,
    },
    used: {
      title: "Ce lien a déjà servi",
      text: "Il vous a abonné(e), puis vous vous êtes désabonné(e). Pour vous réabonner, demandez un nouveau lien.",
    },
    unknown: {
      title: "Ce lien n’est pas valable",
      text: "Il a peut-être été coupé, ou il a expiré : les liens de confirmation sont valables 7 jours, et seul celui du dernier message fonctionne. Abonnez-vous de nouveau.",
    },
  },
  es: {
    form: {
      title: (service) => `Suscribirse a ${service}`,
      label: "Su dirección de correo",
      button: "Suscribirme",
      invalid: "No es una dirección de correo. Revísela, por favor.",
    },
    asked: {
      title: () => "Mire su buzón",
      text: "Le hemos enviado un correo con un enlace. Quedará suscrito cuando lo haya usado. Si no llega nada en unos minutos, mire en el correo no deseado.",
    },
    taken: { title: () => "Gracias", text: "Recibirá lo que ha pedido en la dirección que ha indicado." },
    confirm: {
      title: (service) => `Suscribirse a ${service}`,
      text: (who) => html`Pulse el botón y ${who} quedará suscrito.`,
      button: "Confirmar",
    },
    subscribed: {
      title: (service) => `Está suscrito a ${service}`,
      text: (who) => html`Escribiremos a ${who}. Cada correo tiene un enlace para darse de baja.`,
    },
    used: {
      title: "Este enlace ya se usó",
      text: "Se suscribió con él y después se dio de baja. Para volver a suscribirse, pida un enlace nuevo.",
    },
    unknown: {
      title: "Este enlace no es válido",
      text: "Puede que se haya cortado o que haya caducado: los enlaces de confirmación funcionan 7 días, y solo el del último correo. Suscríbase de nuevo, por favor.",
    },
  },
};
