/** Yes and no in the words of files. */
import type { ReadValue } from "./read-value.ts";

const YES = new Set("true t yes y on 1 x ja j wahr oui o vrai si sí sì s verdadero vero sim verdadeiro tak".split(" "));
const NO = new Set("false f no n off 0 nein falsch non faux falso não nao nie nee".split(" "));

export function readBoolean(text: string): ReadValue {
  const word = text.toLowerCase().normalize("NFC");
  if (YES.has(word)) return { kind: "value", value: true };
  if (NO.has(word)) return { kind: "value", value: false };
  return { kind: "invalid", problem: "is neither yes nor no (true, false, 1, 0, ja, nein, oui, non …)" };
}
