import { expect, test } from "vitest";

import { sipHash, type SipKey } from "./siphash.ts";

/** Key 00 01 … 0f, inputs (none), 00, 00 01, … up to 63 bytes: `vectors_sip64` of the reference implementation (veorq/SipHash, vectors.h). */
const KEY: SipKey = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];
const VECTORS = `
310e0edd47db6f72 fd67dc93c539f874 5a4fa9d909806c0d 2d7efbd796666785 b7877127e09427cf 8da699cd64557618 cee3fe586e46c9cb
37d1018bf50002ab 6224939a79f5f593 b0e4a90bdf82009e f3b9dd94c5bb5d7a a7ad6b22462fb3f4 fbe50e86bc8f1e75 903d84c02756ea14
eef27a8e90ca23f7 e545be4961ca29a1 db9bc2577fcc2a3f 9447be2cf5e99a69 9cd38d96f0b3c14b bd6179a71dc96dbb 98eea21af25cd6be
c7673b2eb0cbf2d0 883ea3e395675393 c8ce5ccd8c030ca8 94af49f6c650adb8 eab8858ade92e1bc f315bb5bb835d817 adcf6b0763612e2f
a5c91da7acaa4dde 716595876650a2a6 28ef495c53a387ad 42c341d8fa92d832 ce7cf2722f512771 e37859f94623f3a7 381205bb1ab0e012
ae97a10fd434e015 b4a31508beff4d31 81396229f0907902 4d0cf49ee5d4dcca 5c73336a76d8bf9a d0a704536ba93e0e 925958fcd6420cad
a915c29bc8067318 952b79f3bc0aa6d4 f21df2e41d4535f9 87577519048f53a9 10a56cf5dfcd9adb eb75095ccd986cd0 51a9cb9ecba312e6
96afadfc2ce666c7 72fe52975a4364ee 5a1645b276d592a1 b274cb8ebf87870a 6f9bb4203de7b381 eaecb2a30b22a87f 9924a43cc1315724
bd838d3aafbf8db7 0b1a2a3265d51aea 135079a3231ce660 932b2846e4d70666 e1915f5cb1eca46c f325965ca16d629f 575ff28e60381be5
724506eb4c328a95`
  .trim()
  .split(/\s+/);

/** As the reference writes it: bytes, little-endian. */
function bytesOf({ high, low }: { high: number; low: number }): string {
  const buffer = Buffer.alloc(8);
  buffer.writeUInt32LE(low, 0);
  buffer.writeUInt32LE(high, 4);
  return buffer.toString("hex");
}

test("the 64 vectors of the reference implementation", () => {
  const hashes = VECTORS.map((_, length) =>
    bytesOf(
      sipHash(
        KEY,
        Array.from({ length }, (_byte, i) => i),
      ),
    ),
  );
  expect(hashes).toEqual(VECTORS);
});

test("an input longer than 255 bytes counts its length modulo 256", () => {
  // From a second implementation, on 64-bit integers.
  const input = Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);
  expect(bytesOf(sipHash(KEY, input))).toBe(bytesOf(viaBigInt(input)));
});

/** The definition of the paper, word for word. */
function viaBigInt(input: readonly number[]): { high: number; low: number } {
  const k0 = 0x0706050403020100n;
  const k1 = 0x0f0e0d0c0b0a0908n;
  const mask = (1n << 64n) - 1n;
  let v = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn, k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const left = (x: bigint, n: bigint) => ((x << n) | (x >> (64n - n))) & mask;
  const round = () => {
    let [a = 0n, b = 0n, c = 0n, d = 0n] = v;
    a = (a + b) & mask;
    b = left(b, 13n) ^ a;
    a = left(a, 32n);
    c = (c + d) & mask;
    d = left(d, 16n) ^ c;
    a = (a + d) & mask;
    d = left(d, 21n) ^ a;
    c = (c + b) & mask;
    b = left(b, 17n) ^ c;
    c = left(c, 32n);
    v = [a, b, c, d];
  };
  const padded = Buffer.alloc((Math.floor(input.length / 8) + 1) * 8);
  Buffer.from(input).copy(padded);
  padded[padded.length - 1] = input.length & 255;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v[3] = (v[3] ?? 0n) ^ word;
    round();
    round();
    v[0] = (v[0] ?? 0n) ^ word;
  }
  v[2] = (v[2] ?? 0n) ^ 0xffn;
  for (let i = 0; i < 4; i++) round();
  const hash = v.reduce((all, each) => all ^ each, 0n);
  return { high: Number(hash >> 32n), low: Number(hash & 0xffffffffn) };
}
