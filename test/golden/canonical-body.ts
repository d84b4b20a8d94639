/** The two forms of a body that DKIM hashes, from the letter of RFC 6376 §3.4.3 and §3.4.4: what messages are held against. */
export function canonicalBody(form: "simple" | "relaxed", body: string): string {
  const relaxed = body.replace(/[ \t]+(?=\r\n|$)/g, "").replace(/[ \t]+/g, " ");
  const lines = (form === "relaxed" ? relaxed : body).replace(/(?:\r\n)+$/, "");
  if (lines === "") return form === "relaxed" ? "" : "\r\n";
  return `${lines}\r\n`;
}
