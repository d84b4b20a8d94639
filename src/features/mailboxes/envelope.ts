/** Whom a mail had come to, and from where, by what the server that delivered it wrote on top of it: a mailbox keeps no envelope. */
import { readHeaderBlock } from "../../core/inbound/mime/header-block.ts";
import type { Envelope } from "../../core/inbound/reading.ts";

/** In the order in which they are believed. The tags in them are signed; the rest only says which of our mailboxes it was. */
const FIELDS = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc"];
const ADDRESS = /[^\s<>,;:"()@]{1,64}@[A-Za-z0-9.-]{1,253}/g;
const ADDRESSES_MAX = 20;
const VALUE_MAX = 10_000;
/** Bytes in which a header ends. */
const HEADER_MAX = 256_000;

/** `isOurs`: whether we take mail for that address. */
export async function envelopeOf(raw: Uint8Array, isOurs: (address: string) => Promise<boolean>): Promise<Envelope> {
  const top = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, HEADER_MAX)).toString("latin1");
  const { fields } = readHeaderBlock(top, 0, top.length);
  const valuesOf = (name: string) => fields.filter((field) => field.name === name).map(({ value }) => value);
  const found = FIELDS.flatMap(valuesOf).flatMap((value) => value.slice(0, VALUE_MAX).match(ADDRESS) ?? []);
  const returnPath = /^\s*<([^<>]*)>/.exec(valuesOf("return-path")[0] ?? "")?.[1] ?? null;
  for (const address of new Set(found.slice(0, ADDRESSES_MAX))) {
    if (await isOurs(address)) return { recipient: address, returnPath };
  }
  return { recipient: null, returnPath };
}
