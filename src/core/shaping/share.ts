/** Limits of a source that several senders share. */

/**
 * This sender's share of a limit that `of` senders of one source share: shares add up to the limit exactly. The
 * remainder moves with the site, so that no sender gets the odd ones of all sites. May be 0.
 */
export function shareOf(limit: number, sender: number, of: number, site: string): number {
  let hash = 0;
  for (let i = 0; i < site.length; i++) hash = (hash * 31 + site.charCodeAt(i)) >>> 0;
  return Math.floor(limit / of) + ((sender + hash) % of < limit % of ? 1 : 0);
}
