/**
 * A mail's HTML for an iframe with an empty `sandbox` attribute: no scripts there anyway; the policy also keeps it from
 * loading anything from elsewhere, so that looking at a message tells nobody, unless its pictures are asked for. It stands
 * first: later ones can only add to it.
 */
export function harmless(html: string, remoteImages = false): string {
  const images = remoteImages ? "data: cid: http: https:" : "data: cid:";
  return `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src ${images}; style-src 'unsafe-inline'"><meta name="color-scheme" content="light"><meta name="referrer" content="no-referrer"><base target="_blank">${html}`;
}
