/**
 * Passwords at rest: argon2id with the least that OWASP recommends (19 MiB, 2 passes, 1 lane), as PHC strings, so that the
 * parameters may grow and old hashes still be read. Few are hashed at once: each takes its memory.
 */
import { normalisePassword } from "../../core/operators/password.ts";
import { appError } from "../../platform/errors.ts";
import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };

/** Memory in KiB. OWASP Password Storage Cheat Sheet, 2024. */
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT = 16;
const LENGTH = 32;

const AT_ONCE = 2;
const MOST_WAITING = 100;

const derive = promisify(argon2) as (name: "argon2id", parameters: Argon2Parameters) => Promise<Buffer>;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT);
  return phcString(COST, salt, await run(password, salt, COST));
}

/** `hash` null: nobody has that name, or they never set a password. It takes the same time, and is false. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const stored = hash === null ? null : readPhc(hash);
  const { cost, salt, tag } = stored ?? { cost: COST, salt: Buffer.alloc(SALT), tag: Buffer.alloc(LENGTH) };
  const derived = await run(password, salt, cost);
  return timingSafeEqual(derived, tag) && stored !== null;
}

let working = 0;
const waiting: (() => void)[] = [];

async function run(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (working >= AT_ONCE) {
    if (waiting.length >= MOST_WAITING) throw appError("too-many-requests", { seconds: 5 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  working++;
  try {
    return await derive("argon2id", { message: normalisePassword(password), nonce: salt, tagLength: LENGTH, ...cost });
  } finally {
    working--;
    waiting.shift()?.();
  }
}

const unpadded = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");

/** `$argon2id$v=19$m=…,t=…,p=…$salt$tag` (PHC string format). */
function phcString({ memory, passes, parallelism }: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

function readPhc(text: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{43})$/.exec(text);
  if (!match) throw new Error("a stored password hash cannot be read");
  const [, memory, passes, parallelism, salt = "", tag = ""] = match;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { cost, salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") };
}
