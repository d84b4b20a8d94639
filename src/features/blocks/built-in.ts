/**
 * The blocks that come with Envoi, as ordinary Liquid over the variables of a message. They read an attribute of the
 * recipient only when the audience has it, for an unknown attribute is an error of the analysis.
 */

type BlockLanguage = "en" | "fr" | "es";
export type BlockOptions = {
  /** Of the words in the blocks. */
  readonly language: BlockLanguage;
  /** Whether the audience knows an attribute of this name. */
  readonly hasAttribute: (name: string) => boolean;
};
/** Where the words and the attribute do not matter. */
export const NEUTRAL: BlockOptions = { language: "en", hasAttribute: () => false };

type Sources = { readonly html: string; readonly text: string };
type BuiltIn = { readonly name: string; readonly label: string; readonly sources: (options: BlockOptions) => Sources };

/** What files call the name that one is greeted by; the first that the audience has counts. */
const NAME_ATTRIBUTES: readonly string[] = [
  "first_name",
  "firstName",
  "firstname",
  "given_name",
  "givenName",
  "prenom",
  "prénom",
  "nombre",
  "name",
];

type Words = {
  readonly greeting: (name: string) => string;
  readonly neutralGreeting: string;
  readonly mirror: string;
  readonly unsubscribe: string;
  readonly colon: string;
};

const WORDS: Readonly<Record<BlockLanguage, Words>> = {
  en: {
    greeting: (name) => `Hello ${name},`,
    neutralGreeting: "Hello,",
    mirror: "View this message in your browser",
    unsubscribe: "Unsubscribe",
    colon: ":",
  },
  fr: {
    greeting: (name) => `Bonjour ${name},`,
    neutralGreeting: "Bonjour,",
    mirror: "Voir ce message dans votre navigateur",
    unsubscribe: "Se désabonner",
    colon: "\u00a0:",
  },
  es: {
    greeting: (name) => `Hola, ${name}:`,
    neutralGreeting: "Hola:",
    mirror: "Ver este mensaje en el navegador",
    unsubscribe: "Darse de baja",
    colon: ":",
  },
};

const MIRROR_URL = "{{ message.mirror_url }}";
const UNSUBSCRIBE_URL = "{{ message.unsubscribe_url }}";

/** In the order of their names. The links are found again by their href, which is exactly the variable. */
const BUILT_IN: readonly BuiltIn[] = [
  {
    name: "greeting",
    label: "Greeting by first name",
    sources: (options) => same(greeting(options)),
  },
  {
    name: "logo",
    label: "Logo of the organisation",
    sources: () => ({
      html: `{% if platform.logo_url != blank %}<img src="{{ platform.logo_url }}" alt="{{ platform.name }}" border="0" style="border:0;max-width:100%;height:auto">{% else %}{{ platform.name }}{% endif %}`,
      text: "{{ platform.name }}",
    }),
  },
  {
    name: "mirror-page",
    label: "Link to the mirror page",
    sources: ({ language }) => link(MIRROR_URL, WORDS[language].mirror, WORDS[language].colon),
  },
  { name: "mirror-page-url", label: "Address of the mirror page", sources: () => same(MIRROR_URL) },
  {
    name: "signature",
    label: "Signature of the sender",
    sources: () => ({ html: signature("<br>"), text: signature("\n") }),
  },
  {
    name: "unsubscribe",
    label: "Link to unsubscribe",
    sources: ({ language }) => link(UNSUBSCRIBE_URL, WORDS[language].unsubscribe, WORDS[language].colon),
  },
  { name: "unsubscribe-url", label: "Address of the unsubscribe page", sources: () => same(UNSUBSCRIBE_URL) },
];

function same(source: string): Sources {
  return { html: source, text: source };
}

function link(url: string, words: string, colon: string): Sources {
  return { html: `<a href="${url}">${words}</a>`, text: `${words}${colon} ${url}` };
}

function greeting({ language, hasAttribute }: BlockOptions): string {
  const words = WORDS[language];
  const attribute = NAME_ATTRIBUTES.find(hasAttribute);
  if (attribute === undefined) return words.neutralGreeting;
  const path = /^[A-Za-z_]+$/.test(attribute) ? `recipient.${attribute}` : `recipient["${attribute}"]`;
  return `{% if ${path} != blank %}${words.greeting(`{{ ${path} }}`)}{% else %}${words.neutralGreeting}{% endif %}`;
}

/** The organisation only where the sender does not bear its name already. */
function signature(lineBreak: string): string {
  const different = "{% if platform.name != blank and platform.name != delivery.sender_name %}";
  return `{{ delivery.sender_name }}${different}${lineBreak}{{ platform.name }}{% endif %}`;
}

type BuiltInBlock = Sources & { readonly name: string; readonly label: string };

export function listBuiltIn(options: BlockOptions): BuiltInBlock[] {
  return BUILT_IN.map(({ name, label, sources }) => ({ name, label, ...sources(options) }));
}

export function isBuiltIn(name: string): boolean {
  return BUILT_IN.some((block) => block.name === name);
}
