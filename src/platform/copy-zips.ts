/** Zips of copies beside the single copies of a folder; implemented by adapters/copy-store, handed in by the roles. */

/** Hour folders and names are those of `core/archive/copy-name`, zips those of `core/archive/zip-name`. */
export type CopyZips = {
  /** Hours with a folder of single copies, oldest first. */
  folders(): Promise<string[]>;
  /** The single copies of an hour, folder included. */
  names(folder: string): Promise<string[]>;
  /** Oldest first. */
  zips(): Promise<string[]>;
  /** Each copy in a zip, named as it was outside, with the SHA-256 it was checked against when the zip was made. */
  entries(zip: string): Promise<ReadonlyMap<string, Buffer>>;
  /**
   * Makes the next zip of the hour of those copies that are what they should be, and reads it back before it gets its name. The single
   * copies stay. `zip` is null when none of them is what it should be.
   */
  write(folder: string, copies: readonly CheckedCopy[]): Promise<{ zip: string | null; different: string[] }>;
  /** Removes the folder of an hour, and what interrupted writes left there, unless it holds copies. */
  removeFolder(folder: string): Promise<void>;
};

export type CheckedCopy = { readonly name: string; readonly sha256: Buffer };
