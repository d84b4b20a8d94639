/** An archive with all that sending a copy there needs, secrets included; never leaves the process. */
import type { ValidAddress } from "../../core/address/parse-address.ts";
import type { ArchiveRule } from "../../core/archive/archive.ts";
import type { Duration } from "../../core/time.ts";
import type { Relay } from "../../platform/config.ts";

export type ArchiveTls = "opportunistic" | "required" | "implicit" | "none";

export type KnownTarget =
  | {
      readonly kind: "smtp";
      readonly address: ValidAddress;
      /** Null: like any other mail to that address (routes, transport, MX). */
      readonly server: Relay | null;
      readonly tls: ArchiveTls;
      readonly connections: number;
      readonly ratePerMinute: number | null;
      /** Null: that of the original, tagged as a copy. */
      readonly returnPath: string | null;
    }
  | {
      readonly kind: "files";
      /** Null: DATA_DIR/archive */
      readonly directory: string | null;
      readonly zip: boolean;
      readonly zipBatch: number;
      /** Null: for ever. */
      readonly purgeAfter: Duration | null;
    }
  | {
      readonly kind: "s3";
      readonly endpoint: string;
      readonly region: string;
      readonly bucket: string;
      readonly prefix: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly pathStyle: boolean;
      readonly connections: number;
    };

export type KnownArchive = {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly rule: ArchiveRule;
  /** Changes with every change of the archive. */
  readonly version: number;
  readonly target: KnownTarget;
};
