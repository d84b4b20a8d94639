/** The three catalogues say the same: same keys by type, same values to fill in, the words that are fixed. */
import { describe, expect, test } from "vitest";

import { en } from "./en/index.ts";
import { es } from "./es/index.ts";
import { fr } from "./fr/index.ts";
import { withMany } from "./with-many.ts";

type Words = { readonly [key: string]: string | Words };

const flat = (words: Words, path = ""): [string, string][] =>
  Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : flat(value, `${path}${key}.`),
  );
const places = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();

const source = Object.fromEntries(flat(en));

describe.each([
  ["fr", fr],
  ["es", es],
])("%s", (_language, catalogue) => {
  test("every string fills in the same values", () => {
    const wrong = flat(catalogue)
      .filter(([key, text]) => String(places(text)) !== String(places(source[key] ?? "")))
      .map(([key]) => key);
    expect(wrong).toEqual([]);
  });

  test("no string is missing, empty or superfluous", () => {
    const keys = flat(catalogue).map(([key]) => key);
    expect(keys.toSorted()).toEqual(Object.keys(source).toSorted());
    expect(flat(catalogue).filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  test("whole millions have words", () => {
    const { confirm } = withMany(catalogue) as { confirm: Words };
    expect(confirm["sendYes_many"]).toBe(confirm["sendYes_other"]);
  });
});

test.each([
  ["pending", "En attente", "Pendiente"],
  ["taken-into-account", "Pris en compte par le prestataire", "Aceptado por el proveedor"],
  ["sent", "Envoyé", "Enviado"],
  ["failed", "En échec", "Error"],
] as const)("%s is called as the mission documents do", (status, french, spanish) => {
  expect([fr.status[status], es.status[status]]).toEqual([french, spanish]);
});

test("fixed words of places", () => {
  const words = (catalogue: typeof fr) => [
    catalogue.deliveries.title,
    catalogue.sectionTitle.mirror,
    catalogue.log.title,
    catalogue.quarantine.title,
    catalogue.editor.properties,
    catalogue.bcc.on,
  ];
  expect(words(fr)).toEqual([
    "Diffusions",
    "Page miroir",
    "Log de diffusion",
    "Quarantaine",
    "Propriétés",
    "E-mail Cci",
  ]);
  expect(words(es)).toEqual([
    "Envíos",
    "Página espejo",
    "Registro de envío",
    "Cuarentena",
    "Propiedades",
    "Correo electrónico CCO",
  ]);
});
