/** The mail that asks whoever has an address whether they meant it. Text only: nothing in it is anybody's but ours. */
import type { PageLanguage } from "../../platform/public-page.ts";

type Words = {
  readonly subject: (service: string) => string;
  readonly text: (service: string, link: string) => string;
};

const WORDS: Readonly<Record<PageLanguage, Words>> = {
  en: {
    subject: (service) => `Please confirm your subscription to ${service}`,
    text: (service, link) =>
      `Somebody, probably you, asked for ${service} to be sent to this address.\n\nTo confirm, open this page and press the button:\n\n${link}\n\nThe link works for 7 days. If it was not you, do nothing: you will get no further mail.\n`,
  },
  fr: {
    subject: (service) => `Confirmez votre abonnement à ${service}`,
    text: (service, link) =>
      `Quelqu’un, sans doute vous, a demandé à recevoir ${service} à cette adresse.\n\nPour confirmer, ouvrez cette page et cliquez sur le bouton :\n\n${link}\n\nLe lien est valable 7 jours. Si ce n’était pas vous, ne faites rien : vous ne recevrez pas d’autre message.\n`,
  },
  es: {
    subject: (service) => `Confirme su suscripción a ${service}`,
    text: (service, link) =>
      `Alguien, probablemente usted, ha pedido recibir ${service} en esta dirección.\n\nPara confirmarlo, abra esta página y pulse el botón:\n\n${link}\n\nEl enlace funciona durante 7 días. Si no ha sido usted, no haga nada: no recibirá más correos.\n`,
  },
};

export function confirmationMail(
  language: PageLanguage,
  service: string,
  link: string,
): { readonly subject: string; readonly text: string } {
  const words = WORDS[language];
  return { subject: words.subject(service), text: words.text(service, link) };
}
