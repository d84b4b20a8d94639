/** Folders and properties of the stand-in, by the functions of the real ones. */
import type { Delivery, Folder, Page, PropertyList } from "../../src/contract/index.ts";
import { changeProperties, type Inherited, traceProperties, valueBelow } from "../../src/core/delivery/origin.ts";
import { type Answer, type Call, ok, problem } from "./fixture-answer.ts";

const AT = "2026-03-01T09:00:00.000Z";
/** What the template of all deliveries said. */
const INHERITED: Inherited = { "settings.validity": "2d", category: "newsletter", "settings.tracking.opens": false };

const folder = (id: string, tree: Folder["tree"], path: string[], parent: string | null, count: number): Folder => ({
  id,
  tree,
  label: path.at(-1) ?? "",
  parent,
  path,
  count,
  version: 1,
  createdAt: AT,
  updatedAt: AT,
});
const FOLDERS = [
  folder("1", "deliveries", ["Shop"], null, 4),
  folder("2", "deliveries", ["Shop", "Spring"], "1", 2),
  folder("3", "templates", ["Newsletters"], null, 1),
];

export function foldersAnswer({ query }: Call): Answer {
  const data = FOLDERS.filter(({ tree }) => tree === query.get("tree"));
  return ok({ data, nextCursor: null } satisfies Page<Folder>);
}

export function propertiesAnswer(delivery: Delivery, { method, body, request }: Call): Answer {
  if (method === "PATCH") {
    if (request.headers["if-match"] !== `"${delivery.version}"`) {
      return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
    }
    const below = (path: string, property: Parameters<typeof valueBelow>[1]) =>
      valueBelow(path, property, INHERITED).value;
    const { fields } = changeProperties(delivery, below, JSON.parse(body) as object);
    Object.assign(delivery, fields, { version: delivery.version + 1 });
  }
  const list: PropertyList = {
    version: delivery.version,
    editable: delivery.state === "editing" || delivery.state === "ready",
    properties: traceProperties(delivery, INHERITED, { errorAddress: "bounces@shop.example" }),
  };
  return ok(list);
}
