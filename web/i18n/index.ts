/** Language and locale: what was chosen, else the first of the browser's that we speak; numbers follow the browser's locale. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { createFormats, type Formats } from "../format.ts";
import { en } from "./en/index.ts";
import { withMany } from "./with-many.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

export const LANGUAGES = { en: "English", fr: "Français", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

/** English is at hand, for it is the fallback; the others are fetched when they are wanted. */
const CATALOGUES: Record<Language, () => Promise<Parameters<typeof withMany>[0]>> = {
  en: async () => en,
  fr: async () => withMany((await import("./fr/index.ts")).fr),
  es: async () => withMany((await import("./es/index.ts")).es),
};

const STORED = "envoi.language";

const isLanguage = (word: string): word is Language => word in LANGUAGES;

function storedLanguage(): Language | null {
  const stored = localStorage.getItem(STORED);
  return stored !== null && isLanguage(stored) ? stored : null;
}

/** Of the browser's languages, in its order, the first that has a catalogue. */
function browserLanguage(): Language {
  return navigator.languages.map((locale) => locale.slice(0, 2)).find(isLanguage) ?? "en";
}

/** The browser's own locale keeps its region (en-GB) unless the operator chose another language. */
function localeFor(language: Language): string {
  return navigator.languages.find((locale) => locale.startsWith(language)) ?? language;
}

const first = storedLanguage() ?? browserLanguage();
let formats: Formats = createFormats(localeFor(first));

export const currentFormats = (): Formats => formats;

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  i18next.addResourceBundle(language, "translation", await CATALOGUES[language]());
  formats = createFormats(localeFor(language));
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export async function startI18n(): Promise<void> {
  document.documentElement.lang = first;
  await i18next.use(initReactI18next).init({
    lng: first,
    fallbackLng: "en",
    resources: { en: { translation: en }, [first]: { translation: await CATALOGUES[first]() } },
    interpolation: { escapeValue: false },
  });
}
