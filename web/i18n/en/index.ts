/** The source catalogue: every string of the UI, a file for each area. Words are those of GLOSSARY.md. */
import { access } from "./access.ts";
import { account } from "./account.ts";
import { archive } from "./archive.ts";
import { audience } from "./audience.ts";
import { bounces } from "./bounces.ts";
import { delivery } from "./delivery.ts";
import { editor } from "./editor.ts";
import { inbound } from "./inbound.ts";
import { log } from "./log.ts";
import { platform } from "./platform.ts";
import { properties } from "./properties.ts";
import { quarantine } from "./quarantine.ts";
import { retention } from "./retention.ts";
import { people } from "./people.ts";
import { segments } from "./segments.ts";
import { sending } from "./sending.ts";
import { series } from "./series.ts";
import { services } from "./services.ts";
import { shell } from "./shell.ts";
import { single } from "./single.ts";
import { sources } from "./sources.ts";
import { start } from "./start.ts";
import { templates } from "./templates.ts";
import { typologies } from "./typologies.ts";
import { typologyRules } from "./typology-rules.ts";
import { telling } from "./telling.ts";
import { words } from "./words.ts";

export const en = {
  ...shell,
  ...words,
  ...telling,
  ...delivery,
  ...editor,
  ...log,
  ...bounces,
  ...audience,
  ...platform,
  ...quarantine,
  ...retention,
  ...inbound,
  ...archive,
  ...templates,
  ...properties,
  ...sending,
  ...single,
  ...sources,
  ...start,
  ...account,
  ...segments,
  ...series,
  ...services,
  ...people,
  ...access,
  ...typologies,
  ...typologyRules,
} as const;

type Translated<T> = { [K in keyof T]: T[K] extends string ? string : Translated<T[K]> };

/** A catalogue in another language has the same keys, all of them. */
export type Catalogue<A> = Translated<A>;
