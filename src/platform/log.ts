/** The process log: structured lines on stderr (pino). What users must see goes through errors and events instead. */
import { destination, pino, type Logger } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export function createLog(level: string, name: string): Log {
  return pino({ level, base: { name } }, destination({ fd: 2, sync: true }));
}
