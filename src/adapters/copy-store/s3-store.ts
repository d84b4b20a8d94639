/** Copies as objects of an S3-compatible store, with the names that they have as files. */
import { parseCopyName } from "../../core/archive/copy-name.ts";
import { CopyStoreError, type CopyStore } from "../../platform/copy-store.ts";
import { assertSameHour, refused } from "./problems.ts";
import { readList } from "./s3-answers.ts";
import { createS3Send, encodeKey, type S3Options, type S3Send, type S3Target } from "./s3-request.ts";
import { sha256Of } from "./zip.ts";

/** Objects asked for at once; more than 1,000 no store gives. */
const PAGE = "1000";

/** Rejects names and bytes by itself; whatever else is wrong the store says when it is asked. Throws `CopyStoreError` for a target that cannot be one. */
export function openS3Store(target: S3Target, options: S3Options = {}): CopyStore {
  const send = createS3Send(target, options);
  const folder = folderOf(target.prefix);
  const keyOf = (name: string): string => {
    if (parseCopyName(name) === null) throw refused(`${JSON.stringify(name.slice(0, 200))} is no name of a copy`);
    return folder + name;
  };
  return {
    put: async (name, bytes, sha256) => {
      const key = keyOf(name);
      const digest = sha256Of(bytes);
      if (digest.toString("base64") !== sha256) throw refused(`${name}: the bytes are not those of the checksum`);
      const headers = {
        "content-type": "message/rfc822",
        "x-amz-checksum-sha256": sha256,
        "x-amz-content-sha256": digest.toString("hex"),
      };
      await send({ method: "PUT", key, headers, body: bytes });
    },
    rename: async (from, to) => {
      assertSameHour(from, to);
      await rename(send, target.bucket, keyOf(from), keyOf(to));
    },
    read: async (name) => orNull(send({ method: "GET", key: keyOf(name) })),
    list: (prefix) => list(send, folder, prefix),
    remove: async (name) => {
      await orNull(send({ method: "DELETE", key: keyOf(name) }));
    },
  };
}

function folderOf(prefix: string): string {
  const steps = prefix.split("/").filter((step) => step !== "");
  if (steps.some((step) => step === "." || step === ".."))
    throw refused(`The prefix ${JSON.stringify(prefix)} has steps up`);
  return steps.map((step) => `${step}/`).join("");
}

/** Object stores cannot rename: a copy is made, then the first one removed. Cut short between both, doing it again ends it. */
async function rename(send: S3Send, bucket: string, from: string, to: string): Promise<void> {
  if (from === to) return assertThere(send, to);
  const headers = { "x-amz-copy-source": `/${bucket}/${encodeKey(from)}` };
  const copied = await orNull(send({ method: "PUT", key: to, headers }));
  if (copied === null) return assertThere(send, to);
  await orNull(send({ method: "DELETE", key: from }));
}

/** Rejects with `missing` when the object is not there. */
async function assertThere(send: S3Send, key: string): Promise<void> {
  await send({ method: "HEAD", key });
}

async function* list(send: S3Send, folder: string, prefix: string) {
  let token: string | null = null;
  do {
    const query: Record<string, string> = { "list-type": "2", "max-keys": PAGE, prefix: folder + prefix };
    if (token !== null) query["continuation-token"] = token;
    const page = readList(await send({ method: "GET", query }));
    if (page === null) throw refused("The store's answer is no list of objects");
    for (const { key, size } of page.objects) {
      const name = key.slice(folder.length);
      if (key.startsWith(folder + prefix) && parseCopyName(name)) yield { name, size };
    }
    if (page.next !== null && page.next === token) throw refused("The store's list of objects does not end");
    token = page.next;
  } while (token !== null);
}

/** Null: the store has no such object. */
async function orNull(answer: Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CopyStoreError && error.problem === "missing") return null;
    throw error;
  }
}
