/** Whether a host is this machine itself, where nobody listens on the way and to which no address of the world can be bound. */

const OCTET = String.raw`(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])`;
/** RFC 1122 §3.2.1.3, RFC 4291 §2.5.3 (in brackets as in a URL), RFC 6761 §6.3. In full and in lower case: no other way of writing one counts. */
const LOOPBACK = new RegExp(String.raw`^(?:localhost|::1|\[::1\]|127(?:\.${OCTET}){3})$`);

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
