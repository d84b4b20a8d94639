/** AWS Signature Version 4 as a server checks it, from its description alone: docs.aws.amazon.com, "Authenticating Requests (AWS Signature Version 4)". */
import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string };

export type SignatureProblem = { readonly status: number; readonly code: string; readonly message: string };

type Signed = Pick<IncomingMessage, "headers" | "method" | "url">;

/** How far the clocks of both sides may be apart. */
const SKEW_MAX_MS = 15 * 60_000;

/** Null: signed with these credentials, for this request, now. */
export function verifySignature(
  request: Signed,
  url: URL,
  credentials: Credentials,
  now = Date.now(),
): SignatureProblem | null {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    );
  if (!match) return { status: 403, code: "AccessDenied", message: "Access Denied" };
  const [, accessKeyId = "", day = "", region = "", names = "", signature = ""] = match;
  if (accessKeyId !== credentials.accessKeyId) {
    return {
      status: 403,
      code: "InvalidAccessKeyId",
      message: `The key ${accessKeyId} you provided does not exist in our records.`,
    };
  }
  if (region !== credentials.region) {
    const message = `The authorization header is malformed; the region '${region}' is wrong; expecting '${credentials.region}'`;
    return { status: 400, code: "AuthorizationHeaderMalformed", message };
  }
  const date = String(request.headers["x-amz-date"]);
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!date.startsWith(day) || !(Math.abs(now - at) <= SKEW_MAX_MS)) {
    return {
      status: 403,
      code: "RequestTimeTooSkewed",
      message: "The difference between the request time and the server's time is too large.",
    };
  }
  const unsigned = Object.keys(request.headers).find(
    (name) => name.startsWith("x-amz-") && !names.split(";").includes(name),
  );
  if (unsigned !== undefined || !names.split(";").includes("host")) {
    return {
      status: 403,
      code: "AccessDenied",
      message: "There were headers present in the request which were not signed",
    };
  }
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256Hex(canonical(request, url, names))].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  if (hmac(key, toSign).toString("hex") === signature) return null;
  return {
    status: 403,
    code: "SignatureDoesNotMatch",
    message: "The request signature we calculated does not match the signature you provided.",
  };
}

function canonical(request: Signed, url: URL, names: string): string {
  const path = url.pathname
    .split("/")
    .map((step) => encode(decodeURIComponent(step)))
    .join("/");
  const query = (url.search.slice(1) === "" ? [] : url.search.slice(1).split("&"))
    .map((pair) => pair.split("="))
    .map(([name = "", value = ""]) => `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`)
    .sort();
  const headers = names
    .split(";")
    .map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}\n`);
  const payload = String(request.headers["x-amz-content-sha256"]);
  return [request.method, path, query.join("&"), headers.join(""), names, payload].join("\n");
}

/** Everything but unreserved characters (RFC 3986 §2.3). */
function encode(text: string): string {
  return [...Buffer.from(text, "utf8")]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

export function sha256Hex(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
