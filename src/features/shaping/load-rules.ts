/** MX rules of files in the form that senders read: the most that each allows. */
import type { ShapingRule } from "../../core/shaping/limits.ts";
import { loadShapingFiles } from "./load-files.ts";

export function loadShapingRules(dataDir: string): ShapingRule[] {
  return loadShapingFiles(dataDir).rules.map((rule) => ({
    name: rule.name,
    mx: rule.mx,
    connections: rule.connections.max,
    messagesPerConnection: rule.messagesPerConnection,
    messagesPerHour: rule.messagesPerHour?.max ?? null,
  }));
}
