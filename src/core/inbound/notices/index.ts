/** Notices about delivery without a part for machines: who writes, what it says, whom it names. */
import type { Envelope, InboundMail } from "../reading.ts";
import { readAmazonSns } from "./amazon-sns.ts";
import type { Notice } from "./notice.ts";
import { readGenericNotice } from "./read-notice.ts";

export { humanTextOf } from "./human-text.ts";
export type { Notice } from "./notice.ts";
export { readHumanText } from "./read-human-text.ts";

/** Null: it is no notice. `envelope` helps to tell programs from people where the header does not say the return path. */
export function readNotice(mail: InboundMail, envelope: Envelope | null = null): Notice | null {
  return readAmazonSns(mail) ?? readGenericNotice(mail, envelope);
}
