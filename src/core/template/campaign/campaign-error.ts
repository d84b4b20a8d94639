/** What ends the reading of one `<% … %>`: caught where it begins, so that the rest of the source is read too. */
export class CampaignError extends Error {
  /** Offset in the source. */
  readonly at: number;
  /** About an `if` and its parts, so that it may follow from an error before it. */
  readonly structural: boolean;
  constructor(at: number, message: string, structural = false) {
    super(message);
    this.at = at;
    this.structural = structural;
  }
}
