/**
 * Fields of RFC 3464 that a notice prints among its own words: a report flattened to text by a gateway or a forwarding person, or a
 * program that writes them so.
 */
import { readDeliveryStatus } from "../delivery-status.ts";
import type { RecipientReport } from "../reading.ts";
import { MAX_RECIPIENTS } from "./notice.ts";

const FIELD =
  /^(?:(?:x-)?(?:final|original|actual)-recipient|action|status|diagnostic-code|remote-mta|reporting-mta)[ \t]?:/i;

/** Empty when no recipient is named so. */
export function readMachineFields(lines: readonly string[]): RecipientReport[] {
  const plain = lines.map((line) => line.replace(/^(?:[>|] ?){1,4}/, ""));
  if (!plain.some((line) => /^[ \t]{0,8}(?:final|original)-recipient[ \t]?:/i.test(line))) return [];
  const { reports } = readDeliveryStatus(fieldsOf(plain).join("\n"));
  return reports.filter(({ address }) => address !== null).slice(0, MAX_RECIPIENTS);
}

/** From the first field of each paragraph to its end; what stands around them is no field's value. */
function fieldsOf(lines: readonly string[]): string[] {
  const fields: string[] = [];
  let isInside = false;
  for (const line of lines) {
    const isBlank = line.trim() === "";
    const isField = FIELD.test(line.trim());
    isInside = !isBlank && (isInside || isField);
    if (isInside) fields.push(isField ? line.trim() : line);
    else if (isBlank) fields.push("");
  }
  return fields;
}
