/**
 * What the HTML of a mail may do when it is shown on our own host: be looked at. It is the operator's, with values of recipients
 * inside, so it gets an origin of its own and no script, form, frame or plugin; its links open. Pictures, styles and fonts come
 * from wherever they come from in a mail program.
 */
const POLICY = [
  "sandbox allow-popups allow-popups-to-escape-sandbox",
  "default-src 'none'",
  "img-src * data:",
  "media-src *",
  "style-src * 'unsafe-inline'",
  "font-src * data:",
  "form-action 'none'",
];

/** `framedBy`: pages that may show it in a frame. */
export function mailPolicy(framedBy: "'none'" | "'self'"): string {
  return [...POLICY, `frame-ancestors ${framedBy}`].join("; ");
}
