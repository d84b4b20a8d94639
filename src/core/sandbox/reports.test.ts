import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, test } from "vitest";

import { bounceReport, complaintReport, complaintSender } from "./reports.ts";

const about = (recipient: string) => ({
  id: "r1",
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  returnPath: "b+1-2@bounces.brand.test",
  recipient,
  head: "From: News <news@brand.test>\r\nSubject: hello\r\nMessage-ID: <1-2@brand.test>",
});

describe("bounce", () => {
  test.each([
    ["anna@gomail.example", /Diagnostic-Code: smtp; (550|452) [45]\.\d\.\d /],
    ["anna@gmq.example", /Diagnostic-Code: smtp; (550|452) Requested (mail )?action/],
    ["anna@anything.example", /Diagnostic-Code: smtp; (550|452) [45]\.\d\.\d </],
  ])("%s", async (recipient, diagnostic) => {
    const raw = bounceReport(about(recipient));
    expect(raw).toMatch(/\r\nFinal-Recipient: rfc822; anna@[a-z.]+\r\nAction: failed\r\nStatus: 5\.\d\.\d\r\n/);
    expect(raw).toMatch(diagnostic);
    const parsed = await PostalMime.parse(raw);
    expect(parsed.to?.[0]?.address).toBe("b+1-2@bounces.brand.test");
    expect(parsed.attachments.map((part) => part.mimeType)).toEqual(["message/delivery-status", "text/rfc822-headers"]);
  });
});

test("complaint", async () => {
  const raw = complaintReport(about("anna@gomail.example"));
  expect(raw).toContain("report-type=feedback-report");
  expect(raw).toContain("\r\nFeedback-Type: abuse\r\n");
  expect(raw).toContain("\r\nOriginal-Rcpt-To: <anna@gomail.example>\r\n");
  expect(raw).toContain("\r\nMessage-ID: <1-2@brand.test>\r\n");
  expect((await PostalMime.parse(raw)).from?.address).toBe(complaintSender("anna@gomail.example"));
});

test("every line ends in CRLF and the same input gives the same bytes", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{1,20}@[a-z]{1,10}\.(example|test)$/), (recipient) => {
      for (const report of [bounceReport, complaintReport]) {
        expect(report(about(recipient))).toBe(report(about(recipient)));
        expect(report(about(recipient))).not.toMatch(/[^\r]\n|\r[^\n]/);
      }
    }),
  );
});
