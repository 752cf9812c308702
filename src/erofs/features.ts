/** The format's features by name. Source: Linux fs/erofs/erofs_fs.h; the names are those that `dump.erofs` prints. */

import {
  FEATURE_COMPAT_ISHARE_XATTRS,
  FEATURE_COMPAT_MTIME,
  FEATURE_COMPAT_PLAIN_XATTR_PFX,
  FEATURE_COMPAT_SB_CHKSUM,
  FEATURE_COMPAT_SHARED_EA_IN_METABOX,
  FEATURE_COMPAT_XATTR_FILTER,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_BIG_PCLUSTER,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_COMPR_CFGS,
  FEATURE_INCOMPAT_COMPR_HEAD2,
  FEATURE_INCOMPAT_DEDUPE,
  FEATURE_INCOMPAT_DEVICE_TABLE,
  FEATURE_INCOMPAT_FRAGMENTS,
  FEATURE_INCOMPAT_LZ4_0PADDING,
  FEATURE_INCOMPAT_METABOX,
  FEATURE_INCOMPAT_XATTR_PREFIXES,
  FEATURE_INCOMPAT_ZTAILPACKING,
} from './constants.ts';

/** A feature as an image declares it. */
export interface Feature {
  readonly name: string;
  /** Whether a reader that does not know it must refuse the image. */
  readonly incompatible: boolean;
  /** First version of Linux with it; undefined where any version can mount the image. */
  readonly linux: string | undefined;
}

interface Bit extends Feature {
  readonly bit: number;
}

const COMPATIBLE: readonly Bit[] = [
  compatible('sb_csum', FEATURE_COMPAT_SB_CHKSUM),
  compatible('mtime', FEATURE_COMPAT_MTIME),
  compatible('xattr_filter', FEATURE_COMPAT_XATTR_FILTER),
  compatible('shared_ea_in_metabox', FEATURE_COMPAT_SHARED_EA_IN_METABOX),
  compatible('plain_xattr_pfx', FEATURE_COMPAT_PLAIN_XATTR_PFX),
  compatible('ishare_xattrs', FEATURE_COMPAT_ISHARE_XATTRS),
];

const INCOMPATIBLE: readonly Bit[] = [
  incompatible('lz4_0padding', FEATURE_INCOMPAT_LZ4_0PADDING, '5.4'),
  incompatible('compr_cfgs', FEATURE_INCOMPAT_COMPR_CFGS, '5.13'),
  incompatible('big_pcluster', FEATURE_INCOMPAT_BIG_PCLUSTER, '5.13'),
  incompatible('chunked_file', FEATURE_INCOMPAT_CHUNKED_FILE, '5.15'),
  incompatible('device_table', FEATURE_INCOMPAT_DEVICE_TABLE, '5.16'),
  incompatible('compr_head2', FEATURE_INCOMPAT_COMPR_HEAD2, '5.16'),
  incompatible('ztailpacking', FEATURE_INCOMPAT_ZTAILPACKING, '5.17'),
  incompatible('fragments', FEATURE_INCOMPAT_FRAGMENTS, '6.1'),
  incompatible('dedupe', FEATURE_INCOMPAT_DEDUPE, '6.1'),
  incompatible('xattr_prefixes', FEATURE_INCOMPAT_XATTR_PREFIXES, '6.4'),
  incompatible('48bit', FEATURE_INCOMPAT_48BIT, '6.15'),
  incompatible('metabox', FEATURE_INCOMPAT_METABOX, '6.17'),
];

const ALL_INCOMPATIBLE = INCOMPATIBLE.reduce((bits, { bit }) => bits | bit, 0);

function compatible(name: string, bit: number): Bit {
  return { name, bit, incompatible: false, linux: undefined };
}

function incompatible(name: string, bit: number, linux: string): Bit {
  return { name, bit, incompatible: true, linux };
}

/**
 * The features of an image, from its two fields of bits. A bit that stands for two features gives both; an unknown bit
 * comes as its number in hex.
 */
export function featuresOf(featureCompat: number, featureIncompat: number): Feature[] {
  return [
    ...named(COMPATIBLE, featureCompat, false),
    ...named(INCOMPATIBLE, featureIncompat, true),
  ];
}

function named(known: readonly Bit[], bits: number, incompatible: boolean): Feature[] {
  const found = known.filter(({ bit }) => (bits & bit) !== 0);
  const rest = found.reduce((left, { bit }) => left & ~bit, bits) >>> 0;
  const features: Feature[] = found.map(({ bit: _, ...feature }) => feature);
  for (let bit = 0; bit < 32; bit++) {
    if ((rest >>> bit) % 2 === 0) continue;
    features.push({ name: `0x${(2 ** bit).toString(16)}`, incompatible, linux: undefined });
  }
  return features;
}

/** Names of the features that this reader would have to know and does not. */
export function unknownFeatures(featureIncompat: number): string[] {
  return featuresOf(0, featureIncompat & ~ALL_INCOMPATIBLE).map(({ name }) => name);
}
