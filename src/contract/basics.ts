/** What all shapes of the HTTP border are made of: times, ids, durations, pages and refusals. */
import { z } from "zod";

/** RFC 3339, UTC. */
export type Timestamp = string;

export const idSchema = z.string().regex(/^[1-9]\d{0,14}$/, "an id is a decimal number");

export const durationSchema = z.string().regex(/^[1-9]\d{0,8}[smhd]$/, "a duration is written 90s, 20m, 36h or 5d");

export type Page<T> = { data: T[]; nextCursor: string | null };

/** RFC 9457. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  currentState?: string;
  toDeliver?: number;
  errors?: { pointer: string; code: string; message: string }[];
};
