/** French and Spanish have a plural form of their own for whole millions (CLDR `many`); here it reads like the other ones. */

type Words = { readonly [key: string]: string | Words };

export function withMany(words: Words): Words {
  const all: Record<string, string | Words> = {};
  for (const [key, value] of Object.entries(words)) {
    all[key] = typeof value === "string" ? value : withMany(value);
    if (key.endsWith("_other")) all[key.replace(/_other$/, "_many")] = value;
  }
  return all;
}
