import { expect, test } from "vitest";

import { verifySignature } from "./s3-signature.ts";

/** "GET Object" in "Signature Calculations for the Authorization Header" of the Amazon S3 API reference. */
test("the example of Amazon's own description is accepted, and nothing else for its signature", () => {
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    region: "us-east-1",
  };
  const now = Date.parse("2013-05-24T00:00:00Z");
  const headers = {
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-amz-date": "20130524T000000Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date," +
      "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  };
  const verify = (changes: Partial<typeof headers>, path = "/test.txt", at = now) =>
    verifySignature(
      { method: "GET", url: path, headers: { ...headers, ...changes } },
      new URL(path, "http://x"),
      credentials,
      at,
    );
  expect(verify({})).toBeNull();
  expect(verify({}, "/test2.txt")).toMatchObject({ code: "SignatureDoesNotMatch" });
  expect(verify({ range: "bytes=0-10" })).toMatchObject({ code: "SignatureDoesNotMatch" });
  expect(verify({}, "/test.txt", now + 3_600_000)).toMatchObject({ code: "RequestTimeTooSkewed" });
});
