/** The SQL of labels: what the lists, files, segments and deliveries of a tree are called. */
import { nodesOf, type Segment } from "../../core/segment/segment.ts";
import type { Queryable } from "../../platform/db.ts";

type What = "list" | "import" | "segment" | "service" | "delivery";

export async function loadNames(db: Queryable, tree: Segment): Promise<(what: What, id: string) => string | null> {
  const ids: Record<What, number[]> = { list: [], import: [], segment: [], service: [], delivery: [] };
  for (const node of nodesOf(tree)) {
    if ("list" in node) ids.list.push(Number(node.list));
    if ("import" in node) ids.import.push(Number(node.import));
    if ("segment" in node) ids.segment.push(Number(node.segment));
    if ("service" in node) ids.service.push(Number(node.service));
    if ("behaviour" in node && Array.isArray(node.deliveries)) ids.delivery.push(...node.deliveries.map(Number));
  }
  const rows = await db.query<{ what: What; id: number; name: string }>(
    `select 'list' as what, id, label as name from lists where id = any($1)
     union all select 'import', id, file_name from imports where id = any($2)
     union all select 'segment', id, label from segments where id = any($3)
     union all select 'delivery', id, label from deliveries where id = any($4)
     union all select 'service', id, name from services where id = any($5)`,
    [ids.list, ids.import, ids.segment, ids.delivery, ids.service],
  );
  const names = new Map(rows.map(({ what, id, name }) => [`${what} ${id}`, name]));
  return (what, id) => names.get(`${what} ${id}`) ?? null;
}
