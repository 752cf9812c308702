/** The entries of an image index, and which of them serves a platform (image-spec, image-index.md). */

import { type Descriptor, parseDescriptor } from './descriptor.ts';
import {
  asArray,
  asObject,
  asOptionalString,
  type JsonObject,
  member,
  type Where,
  within,
} from './fields.ts';
import { configKind, documentKind } from './media-types.ts';
import { formatPlatform, normalizePlatform, type Platform, platformRank } from './platform.ts';
import { plainText } from './quote.ts';

export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** `unknown` entries carry no type and tell by their content; `other` ones are skipped, never an error. */
  readonly kind: 'manifest' | 'index' | 'unknown' | 'other';
  readonly platform?: Platform;
  /** Features a host must have to run the image; none is offered here. */
  readonly osFeatures: readonly string[];
  /** A statement about another entry (provenance, bill of materials), not an image. */
  readonly attestation: boolean;
}

/** Reads one entry. Throws `where.code`. */
export function parseIndexEntry(value: unknown, where: Where): IndexEntry {
  const descriptor = parseDescriptor(value, where);
  const platformWhere = within(where, 'platform');
  const raw = member(asObject(value, where), 'platform');
  const object = raw === undefined || raw === null ? undefined : asObject(raw, platformWhere);
  const platform = object === undefined ? undefined : parsePlatformObject(object, platformWhere);
  const features =
    object === undefined
      ? []
      : asArray(member(object, 'os.features'), within(platformWhere, 'os.features'));
  return {
    descriptor,
    kind: entryKind(descriptor.mediaType),
    ...(platform === undefined ? {} : { platform }),
    osFeatures: features.filter((feature) => typeof feature === 'string'),
    attestation: isAttestation(descriptor, platform),
  };
}

function parsePlatformObject(object: JsonObject, where: Where): Platform | undefined {
  const text = (key: string): string => asOptionalString(member(object, key), within(where, key));
  const os = text('os');
  const architecture = text('architecture');
  if (os === '' && architecture === '') return undefined;
  return normalizePlatform(os, architecture, text('variant'));
}

function entryKind(mediaType: string): IndexEntry['kind'] {
  const kind = documentKind(mediaType);
  if (kind === 'manifest' || kind === 'index') return kind;
  return kind === 'generic' ? 'unknown' : 'other';
}

/** BuildKit marks them by annotation, by the platform `unknown/unknown`, or (since 0.19) by `artifactType`. */
function isAttestation(descriptor: Descriptor, platform: Platform | undefined): boolean {
  if (descriptor.annotations.get('vnd.docker.reference.type') === 'attestation-manifest')
    return true;
  if (platform?.os === 'unknown' && platform.architecture === 'unknown') return true;
  return descriptor.artifactType !== '' && configKind(descriptor.artifactType) === 'other';
}

/** Whether the entry may be an image, of whatever platform. */
export function isImageEntry(entry: IndexEntry): boolean {
  return !entry.attestation && entry.kind !== 'other' && entry.osFeatures.length === 0;
}

/** The entry that serves `wanted` best; among equals the first, as the image-spec asks. */
export function bestEntry(
  entries: readonly IndexEntry[],
  wanted: Platform,
): IndexEntry | undefined {
  let best: { entry: IndexEntry; rank: number } | undefined;
  for (const entry of entries.filter(isImageEntry)) {
    const rank = entry.platform === undefined ? undefined : platformRank(wanted, entry.platform);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { entry, rank };
  }
  return best?.entry;
}

/** The platforms on offer, for a message; attestations are left out. */
export function listPlatforms(entries: readonly IndexEntry[]): string {
  const names = entries.filter((entry) => !entry.attestation).map(entryName);
  return names.length === 0 ? 'nothing' : plainText([...new Set(names)].join(', '), 1000);
}

function entryName({ platform, kind, osFeatures, descriptor }: IndexEntry): string {
  if (kind === 'other') return `(${descriptor.mediaType})`;
  const name = platform === undefined ? '(no platform)' : formatPlatform(platform);
  return osFeatures.length === 0 ? name : `${name} with ${osFeatures.join('+')}`;
}
