/**
 * Indexes over declared attributes: made and dropped by the worker without keeping anybody from writing. What is wished for stands in
 * `attributes`; what is there, PostgreSQL knows. One that broke off while it was built is invalid: it is dropped and made again.
 */
import type { Attribute, AttributeType } from "../../core/audience/attribute.ts";
import type { Db } from "../../platform/db.ts";
import { attributeSql } from "./attribute-sql.ts";

const PREFIX = "recipients_attribute_";

type Index = { readonly name: string; readonly valid: boolean };
type Wished = Pick<Attribute, "name"> & { readonly id: number; readonly type: AttributeType };

/** Answers how many were made or dropped. Only one caller at a time. */
export async function tendIndexes(db: Db, signal?: AbortSignal): Promise<number> {
  const wished = await db.query<Wished>("select id, name, type from attributes where indexed order by id");
  const present = await db.query<Index>(
    `select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = 'recipients'::regclass and starts_with(c.relname, $1)`,
    [PREFIX],
  );
  const names = new Set(wished.map(indexName));
  let changes = 0;
  for (const { name, valid } of present) {
    if ((valid && names.has(name)) || signal?.aborted) continue;
    await db.query(`drop index concurrently if exists ${name}`);
    changes++;
  }
  const valid = new Set(present.filter((index) => index.valid).map(({ name }) => name));
  for (const attribute of wished) {
    if (valid.has(indexName(attribute)) || signal?.aborted) continue;
    const expression = attributeSql(attribute, "attributes");
    await db.query(`create index concurrently if not exists ${indexName(attribute)} on recipients (${expression})`);
    changes++;
  }
  if (changes > 0) await db.query("analyze recipients");
  return changes;
}

/** Of id and type only: an identifier that needs no quoting, and another one when the expression changes. */
const indexName = ({ id, type }: Wished): string => `${PREFIX}${id}_${type}`;
