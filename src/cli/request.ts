/** From flags to options: the two spellings of an image become one, and what excludes what is checked. */

import { ErofsWasmError } from '../errors.ts';
import type { BuildOptions, ImageOptions, LayersOptions } from '../index.ts';
import type { BuildFlags, ImageFlags } from './flags.ts';
import type { OciOption } from './oci-option.ts';

type ImageOption = Exclude<keyof OciOption, 'source'>;

const FLAG_OF_KEY: Readonly<Record<Exclude<ImageOption, 'password'>, string>> = {
  platform: '--platform',
  layer: '--layer',
  blob: '--blob',
  username: '--username',
  anonymous: '--anonymous',
  insecure: '--insecure',
};

/** The options of a build, except for a password that is still to be read. Throws `E_USAGE`. */
export function buildOptions(
  image: string | undefined,
  flags: BuildFlags,
): BuildOptions & LayersOptions {
  const options = imageOptions(image, flags, 'build');
  if (flags.force && !flags.layers) throw usage('--force is given without --layers', 'add it');
  const { output, sha256 } = flags;
  return {
    ...options,
    ...pick(flags, ['blockSize', 'label', 'uuid', 'force', 'verify']),
    output,
    sha256,
  };
}

/** What the flags of `command` say of the image to read. Throws `E_USAGE`. */
export function imageOptions(
  image: string | undefined,
  flags: ImageFlags,
  command: string,
): ImageOptions {
  const source = chooseSource(image, flags.oci, command);
  checkOci(flags);
  checkLogin(source, flags);
  return {
    ...pick(flags, ['data', 'timestamp', 'threads', 'memory']),
    ...pick(flags, ['exclude', 'allRoot', 'forceUid', 'forceGid', 'uidOffset', 'gidOffset']),
    ...pick(flags, ['symlinkParents', 'whiteouts', 'overlayXattrs', 'profile', 'index']),
    ...pick(flags, ['platform', 'layer', 'blob', 'username', 'anonymous', 'insecure']),
    ...pick(flags, ['authFile', 'plainHttp', 'caFile', 'certFile', 'keyFile']),
    ...pick(flags, ['maxConnections', 'limitRate', 'maxRetryWait']),
    cache: flags.cache ?? true,
    ...(flags.mirror === undefined ? {} : { mirrors: flags.mirror }),
    ...(flags.limit === undefined ? {} : { limits: flags.limit }),
    ...flags.oci,
    source,
  };
}

function chooseSource(
  image: string | undefined,
  oci: OciOption | undefined,
  command: string,
): string {
  if (image !== undefined && oci !== undefined) {
    throw usage('an image and --oci are given together', 'each names what to read; give one');
  }
  const source = image ?? oci?.source;
  if (source !== undefined) return source;
  throw usage(
    'no source is given',
    `give an image, such as nginx:1.27, or see \`erofs-wasm ${command} --help\``,
  );
}

function checkOci(flags: ImageFlags): void {
  const { oci } = flags;
  if (oci === undefined) return;
  for (const [key, flag] of Object.entries(FLAG_OF_KEY)) {
    const name = key as keyof typeof FLAG_OF_KEY;
    if (oci[name] !== undefined && flags[name] !== undefined) {
      throw usage(`${flag} and ${name} in --oci are given together`, 'give one of them');
    }
  }
  if (oci.password !== undefined && flags.passwordStdin) {
    throw usage('--password-stdin and password in --oci are given together', 'give one of them');
  }
}

function checkLogin(source: string, flags: ImageFlags): void {
  const username = flags.username ?? flags.oci?.username;
  const password = flags.passwordStdin ?? flags.oci?.password;
  const anonymous = flags.anonymous ?? flags.oci?.anonymous;
  if (anonymous && (username !== undefined || password !== undefined)) {
    throw usage('anonymous and a login are given together', 'give one of them');
  }
  if (username === undefined && password !== undefined) {
    throw usage('a password is given without a user', 'add --username');
  }
  if (username !== undefined && password === undefined) {
    throw usage('a user is given without a password', 'add --password-stdin');
  }
  if (flags.passwordStdin && /^(?:tar|oci-archive|docker-archive):-(?:[:@]|$)/.test(source)) {
    throw usage('standard input cannot be both a password and a tar', 'a tar needs no password');
  }
}

/** Those of the named fields that are set. */
function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  const present = names.filter((name) => from[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, from[name]])) as Pick<T, K>;
}

function usage(summary: string, hint: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', summary, { hint });
}
