/**
 * Names and number marks of the languages that filters know, as data of our own: those of the JavaScript engine change with
 * its version, and a message must come out the same years later. After CLDR 48 (cldr.unicode.org).
 */
type Locale = {
  readonly months: readonly string[];
  readonly shortMonths: readonly string[];
  /** From Sunday. */
  readonly weekdays: readonly string[];
  readonly shortWeekdays: readonly string[];
  readonly decimal: string;
  readonly group: string;
  /** A number of four digits stays without a group mark. */
  readonly groupFromFive: boolean;
  /** `#` is the number, `¤` the currency, `-` the sign, which falls away when there is none. */
  readonly percent: string;
  readonly currency: string;
  /** Signs other than those in `SIGNS`. */
  readonly signs: Readonly<Record<string, string>>;
};

const words = (text: string): readonly string[] => text.split(" ");

const NBSP = "\u00a0";
const NARROW_NBSP = "\u202f";

const LOCALES: Readonly<Record<string, Locale>> = {
  en: {
    months: words("January February March April May June July August September October November December"),
    shortMonths: words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    weekdays: words("Sunday Monday Tuesday Wednesday Thursday Friday Saturday"),
    shortWeekdays: words("Sun Mon Tue Wed Thu Fri Sat"),
    decimal: ".",
    group: ",",
    groupFromFive: false,
    percent: "-#%",
    currency: "-¤#",
    signs: { USD: "$", JPY: "¥", CAD: "CA$", AUD: "A$" },
  },
  fr: {
    months: words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    shortMonths: words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
    weekdays: words("dimanche lundi mardi mercredi jeudi vendredi samedi"),
    shortWeekdays: words("dim. lun. mar. mer. jeu. ven. sam."),
    decimal: ",",
    group: NARROW_NBSP,
    groupFromFive: false,
    percent: `-#${NBSP}%`,
    currency: `-#${NBSP}¤`,
    signs: { USD: "$US", CAD: "$CA", AUD: "$AU" },
  },
  es: {
    months: words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    shortMonths: words("ene feb mar abr may jun jul ago sept oct nov dic"),
    weekdays: words("domingo lunes martes miércoles jueves viernes sábado"),
    shortWeekdays: words("dom lun mar mié jue vie sáb"),
    decimal: ",",
    group: ".",
    groupFromFive: true,
    percent: `-#${NBSP}%`,
    currency: `-#${NBSP}¤`,
    signs: {},
  },
  de: {
    months: words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    shortMonths: words("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
    weekdays: words("Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag"),
    shortWeekdays: words("So Mo Di Mi Do Fr Sa"),
    decimal: ",",
    group: ".",
    groupFromFive: false,
    percent: `-#${NBSP}%`,
    currency: `-#${NBSP}¤`,
    signs: { USD: "$", JPY: "¥" },
  },
  it: {
    months: words("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    shortMonths: words("gen feb mar apr mag giu lug ago set ott nov dic"),
    weekdays: words("domenica lunedì martedì mercoledì giovedì venerdì sabato"),
    shortWeekdays: words("dom lun mar mer gio ven sab"),
    decimal: ",",
    group: ".",
    groupFromFive: true,
    percent: "-#%",
    currency: `-#${NBSP}¤`,
    signs: { USD: "USD" },
  },
  pt: {
    months: words("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    shortMonths: words("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."),
    weekdays: words("domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado"),
    shortWeekdays: words("dom. seg. ter. qua. qui. sex. sáb."),
    decimal: ",",
    group: ".",
    groupFromFive: false,
    percent: "-#%",
    currency: `-¤${NBSP}#`,
    signs: {},
  },
  nl: {
    months: words("januari februari maart april mei juni juli augustus september oktober november december"),
    shortMonths: words("jan feb mrt apr mei jun jul aug sep okt nov dec"),
    weekdays: words("zondag maandag dinsdag woensdag donderdag vrijdag zaterdag"),
    shortWeekdays: words("zo ma di wo do vr za"),
    decimal: ",",
    group: ".",
    groupFromFive: false,
    percent: "-#%",
    currency: `¤${NBSP}-#`,
    signs: {},
  },
};

const SIGNS: Readonly<Record<string, string>> = { EUR: "€", GBP: "£", USD: "US$", BRL: "R$" };

/** ISO 4217: currencies whose amounts have another number of decimals than two. */
const DECIMALS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(words("CLP ISK JPY KRW PYG RWF UGX VND XAF XOF XPF").map((code) => [code, 0])),
  ...Object.fromEntries(words("BHD IQD JOD KWD LYD OMR TND").map((code) => [code, 3])),
};

export const LOCALE_NAMES: readonly string[] = Object.keys(LOCALES);

/** The language of a tag such as `fr`, `fr-FR` or `fr_FR`; null when it is none of those here. */
export function languageOf(tag: string): string | null {
  const language = /^[a-z]+/i.exec(tag)?.[0].toLowerCase() ?? "";
  const whole = /^[a-z]{2}(?:[-_][a-z0-9]{1,8})*$/i.test(tag);
  return whole && Object.hasOwn(LOCALES, language) ? language : null;
}

/** English for a tag that is not known. */
export function localeOf(tag: string): Locale {
  return LOCALES[languageOf(tag) ?? "en"] as Locale;
}

export function currencySign(locale: Locale, code: string): string {
  if (Object.hasOwn(locale.signs, code)) return locale.signs[code] as string;
  return Object.hasOwn(SIGNS, code) ? (SIGNS[code] as string) : code;
}

export function currencyDecimals(code: string): number {
  return Object.hasOwn(DECIMALS, code) ? (DECIMALS[code] as number) : 2;
}

export type { Locale };
