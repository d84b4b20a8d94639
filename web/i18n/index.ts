/** Language and locale. English unless chosen, because the other catalogues are partial; numbers follow the browser's locale. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { createFormats, type Formats } from "../format.ts";
import { en } from "./en/index.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

export const LANGUAGES = { en: "English", fr: "Français", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "envoi.language";

function storedLanguage(): Language | null {
  const stored = localStorage.getItem(STORED);
  return stored !== null && stored in LANGUAGES ? (stored as Language) : null;
}

/** The browser's own locale keeps its region (en-GB) unless the operator chose another language. */
function localeFor(language: Language): string {
  return navigator.languages.find((locale) => locale.startsWith(language)) ?? language;
}

const first = storedLanguage();
let formats: Formats = createFormats(first === null ? navigator.language : localeFor(first));

export const currentFormats = (): Formats => formats;

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  formats = createFormats(localeFor(language));
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export async function startI18n(): Promise<void> {
  const language = first ?? "en";
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: en }, fr: { translation: fr }, es: { translation: es } },
    interpolation: { escapeValue: false },
  });
}
