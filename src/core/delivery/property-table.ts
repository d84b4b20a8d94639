/** The table of properties as documentation writes it. */
import { PROPERTIES } from "./properties.ts";
import { PROPERTY_GROUPS, type Property, type PropertyType } from "./property.ts";

/** Lines of Markdown, in the order of groups and of the table. A test keeps docs/delivery-templates.md in step. */
export function propertyTable(): string[] {
  const rows = [...PROPERTIES].map(([path, property]) => ({ path, ...property }));
  return [
    "| property | type | without it | what it does |",
    "|---|---|---|---|",
    ...PROPERTY_GROUPS.flatMap((group) => [
      `| **${group}** | | | |`,
      ...rows.filter((row) => row.group === group).map((row) => lineOf(row.path, row)),
    ]),
  ];
}

function lineOf(path: string, property: Property): string {
  return `| ${[`\`${path}\``, typeText(property.type), withoutIt(property), property.acts].map(escapeCell).join(" | ")} |`;
}

const escapeCell = (text: string) => text.replaceAll("|", "\\|").replace(/<(\w+)>/g, "`<$1>`");

function withoutIt({ required, platform, otherwise, default: value }: Property): string {
  if (required) return "required";
  if (value !== undefined && platform === undefined) return `\`${JSON.stringify(value)}\``;
  const behind = platform === undefined ? [] : [`the platform's \`${platform}\``];
  return [...behind, ...(otherwise === undefined ? [] : [otherwise])].join(", else ");
}

function typeText(type: PropertyType): string {
  switch (type.kind) {
    case "choice":
      return type.options.map((option) => `\`${option}\``).join(", ");
    case "number":
      return `${type.least} to ${type.most}`;
    case "text":
      return `text up to ${type.most}`;
    case "id":
      return `id of a ${type.of}`;
    case "shape":
      return type.name;
    case "seconds":
      return "seconds, as `5s`";
    case "duration":
      return "duration, as `5d`";
    case "instant":
      return "date with time and zone";
    case "switch":
      return "on, off";
    case "url":
      return "URL";
  }
}
