/** Mails of a service that has no template for them, or none that works. Text only: nothing in it is anybody's but ours. */
import type { ServiceMailKind } from "../../core/service/subscription.ts";
import type { PageLanguage } from "../../platform/public-page.ts";

type Words = {
  readonly subject: (service: string) => string;
  /** `link`: of a confirmation. */
  readonly text: (service: string, link: string) => string;
};

const WORDS: Readonly<Record<PageLanguage, Readonly<Record<ServiceMailKind, Words>>>> = {
  en: {
    confirmation: {
      subject: (service) => `Please confirm your subscription to ${service}`,
      text: (service, link) =>
        `Somebody, probably you, asked for ${service} to be sent to this address.\n\nTo confirm, open this page and press the button:\n\n${link}\n\nThe link works for 7 days. If it was not you, do nothing: you will get no further mail.\n`,
    },
    welcome: {
      subject: (service) => `You are subscribed to ${service}`,
      text: (service) => `You are subscribed to ${service}.\n\nEach mail has a link to unsubscribe.\n`,
    },
    goodbye: {
      subject: (service) => `You are no longer subscribed to ${service}`,
      text: (service) => `You are no longer subscribed to ${service}. This is the last mail of it.\n`,
    },
  },
  fr: {
    confirmation: {
      subject: (service) => `Confirmez votre abonnement à ${service}`,
      text: (service, link) =>
        `Quelqu’un, sans doute vous, a demandé à recevoir ${service} à cette adresse.\n\nPour confirmer, ouvrez cette page et cliquez sur le bouton :\n\n${link}\n\nLe lien est valable 7 jours. Si ce n’était pas vous, ne faites rien : vous ne recevrez pas d’autre message.\n`,
    },
    welcome: {
      subject: (service) => `Vous êtes abonné(e) à ${service}`,
      text: (service) => `Vous êtes abonné(e) à ${service}.\n\nChaque message contient un lien de désabonnement.\n`,
    },
    goodbye: {
      subject: (service) => `Vous n’êtes plus abonné(e) à ${service}`,
      text: (service) => `Vous n’êtes plus abonné(e) à ${service}. Ce message est le dernier.\n`,
    },
  },
  es: {
    confirmation: {
      subject: (service) => `Confirme su suscripción a ${service}`,
      text: (service, link) =>
        `Alguien, probablemente usted, ha pedido recibir ${service} en esta dirección.\n\nPara confirmarlo, abra esta página y pulse el botón:\n\n${link}\n\nEl enlace funciona durante 7 días. Si no ha sido usted, no haga nada: no recibirá más correos.\n`,
    },
    welcome: {
      subject: (service) => `Está suscrito a ${service}`,
      text: (service) => `Está suscrito a ${service}.\n\nCada correo tiene un enlace para darse de baja.\n`,
    },
    goodbye: {
      subject: (service) => `Ya no está suscrito a ${service}`,
      text: (service) => `Ya no está suscrito a ${service}. Este es el último correo.\n`,
    },
  },
};

export function builtInMail(
  kind: ServiceMailKind,
  language: PageLanguage,
  service: string,
  link: string,
): { readonly subject: string; readonly text: string } {
  const words = WORDS[language][kind];
  return { subject: words.subject(service), text: words.text(service, link) };
}
