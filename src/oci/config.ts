/** The parts of an image config that a conversion needs (OCI image-spec, config.md; Docker image spec v1.2). */

import { ErofsWasmError } from '../errors.ts';
import { digestProblem } from './digest.ts';
import {
  asArray,
  asObject,
  asOptionalString,
  asString,
  fieldError,
  type JsonObject,
  member,
  type Where,
  within,
} from './fields.ts';
import { parseStrictJson } from './json.ts';
import { normalizePlatform, type Platform } from './platform.ts';
import { quoted } from './quote.ts';

export interface ImageConfig {
  /** RFC 3339 text as written. */
  readonly created?: string;
  /** Absent where the config names no architecture. */
  readonly platform?: Platform;
  /** Digests of the unpacked layers, lowest first. */
  readonly diffIds: readonly string[];
  readonly warnings: readonly string[];
}

/** RFC 3339 section 5.6 `date-time`. */
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,30})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Reads a config. Throws `E_CONFIG`. */
export function parseImageConfig(bytes: Uint8Array, place: string): ImageConfig {
  const where: Where = { code: 'E_CONFIG', place, path: '' };
  const body = asObject(parseStrictJson(bytes, 'E_CONFIG', place), where);
  const created = asOptionalString(member(body, 'created'), within(where, 'created'));
  const dated = RFC3339.test(created) && !Number.isNaN(Date.parse(created));
  const platform = parsePlatformFields(body, where);
  return {
    ...(dated ? { created } : {}),
    ...(platform === undefined ? {} : { platform }),
    diffIds: parseDiffIds(body, where),
    warnings: [
      ...(dated || created === ''
        ? []
        : [`the config's creation time is not RFC 3339: ${quoted(created)}`]),
      ...(platform === undefined ? ['the config names no platform'] : []),
    ],
  };
}

/** Checks that manifest and config speak of the same layers. Throws `E_CONFIG`. */
export function checkLayerCount(layers: number, config: ImageConfig, place: string): void {
  if (layers === config.diffIds.length) return;
  throw new ErofsWasmError(
    'E_CONFIG',
    `the manifest has ${layers} layers, the config has ${config.diffIds.length} diff_ids`,
    { place },
  );
}

function parsePlatformFields(body: JsonObject, where: Where): Platform | undefined {
  const text = (key: string): string => asOptionalString(member(body, key), within(where, key));
  const architecture = text('architecture');
  return architecture === ''
    ? undefined
    : normalizePlatform(text('os') || 'linux', architecture, text('variant'));
}

function parseDiffIds(body: JsonObject, where: Where): readonly string[] {
  const rootfsWhere = within(where, 'rootfs');
  const rootfs = asObject(member(body, 'rootfs'), rootfsWhere);
  const type = asOptionalString(member(rootfs, 'type'), within(rootfsWhere, 'type'));
  if (type !== 'layers')
    throw fieldError(within(rootfsWhere, 'type'), `must be \`layers\`: ${quoted(type)}`);
  const idsWhere = within(rootfsWhere, 'diff_ids');
  return asArray(member(rootfs, 'diff_ids'), idsWhere).map((value, index) => {
    const idWhere = within(idsWhere, index);
    const diffId = asString(value, idWhere);
    const problem = digestProblem(diffId);
    if (problem !== undefined)
      throw fieldError(idWhere, `is not a digest: ${quoted(diffId)} ${problem.text}`);
    return diffId;
  });
}
