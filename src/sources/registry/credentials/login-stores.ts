/** The files in which Docker and podman keep logins (docker/cli; containers/image, docs/containers-auth.json.5.md). */

import { createReadStream } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ErofsWasmError } from '../../../errors.ts';
import { abortError } from '../../abort.ts';
import { errorCode } from '../../error-code.ts';
import type { SourceContext } from '../../options.ts';
import { readVariable } from './environment.ts';

/** One document of stored logins. */
export interface LoginStore {
  /** A path, or the name of a variable. */
  readonly name: string;
  /** Docker's first format has the logins at its top. */
  readonly isLegacy: boolean;
  /** `undefined` where there is no such document. Throws `E_CREDENTIALS`, `E_ABORTED`. */
  read(context: Pick<SourceContext, 'signal' | 'notice'>): Promise<Uint8Array | undefined>;
}

/** Stored logins are a few kilobytes; a larger file is something else. */
const LARGEST_CONFIG = 4 * 1024 * 1024;

/** Docker's variable for a whole document (docker/cli, cli/config/configfile). */
const AUTH_CONFIG_VARIABLE = 'DOCKER_AUTH_CONFIG';

/** All of them in order of preference; a file that is named explicitly is the only one. */
export function loginStores(authFile: string | undefined): readonly LoginStore[] {
  const named = authFile ?? readVariable('REGISTRY_AUTH_FILE');
  if (named !== undefined) return [fileStore(named, { isRequired: true })];
  const text = readVariable(AUTH_CONFIG_VARIABLE);
  const legacy = homePath('.dockercfg');
  return [
    ...(text === undefined ? [] : [textStore(AUTH_CONFIG_VARIABLE, text)]),
    ...[dockerPath(), ...podmanPaths()].flatMap((path) =>
      path === undefined ? [] : [fileStore(path)],
    ),
    ...(legacy === undefined ? [] : [fileStore(legacy, { isLegacy: true })]),
  ];
}

function dockerPath(): string | undefined {
  const folder = readVariable('DOCKER_CONFIG') ?? homePath('.docker');
  return folder === undefined ? undefined : join(folder, 'config.json');
}

function podmanPaths(): readonly (string | undefined)[] {
  const under = (folder: string | undefined): string | undefined =>
    folder === undefined ? undefined : join(folder, 'containers', 'auth.json');
  const config = under(readVariable('XDG_CONFIG_HOME') ?? homePath('.config'));
  if (process.platform !== 'linux') return [...new Set([under(homePath('.config')), config])];
  const runtime = readVariable('XDG_RUNTIME_DIR');
  const uid = process.getuid?.();
  const usual = uid === undefined ? undefined : join('/run/containers', `${uid}`, 'auth.json');
  return [runtime === undefined ? usual : under(runtime), config];
}

function homePath(name: string): string | undefined {
  try {
    return join(homedir(), name);
  } catch {
    // A user that the system does not know, and no HOME: such a user has no files there.
    return undefined;
  }
}

function textStore(name: string, text: string): LoginStore {
  return { name, isLegacy: false, read: async () => Buffer.from(text) };
}

function fileStore(
  path: string,
  { isRequired = false, isLegacy = false }: { isRequired?: boolean; isLegacy?: boolean } = {},
): LoginStore {
  return {
    name: path,
    isLegacy,
    read: async ({ signal, notice }) => {
      try {
        return await readBounded(path, signal);
      } catch (error) {
        if (error instanceof ErofsWasmError) throw error;
        const code = errorCode(error);
        const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
        const isForeign = code === 'EACCES' || code === 'EPERM';
        if (isRequired || !(isAbsent || isForeign)) throw unreadable(path, code);
        if (isForeign)
          notice({ code: 'unreadable-logins', message: `${path} is left out: ${code}` });
        return undefined;
      }
    },
  };
}

/** As a stream, since a file that is named may be a pipe. */
async function readBounded(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of createReadStream(path, { signal })) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      if (length > LARGEST_CONFIG)
        throw new ErofsWasmError('E_CREDENTIALS', 'the file of stored logins is too large', {
          place: path,
        });
    }
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error;
  }
  return Buffer.concat(chunks);
}

function unreadable(path: string, code: string): ErofsWasmError {
  return new ErofsWasmError('E_CREDENTIALS', `stored logins cannot be read: ${code}`, {
    place: path,
    hint: 'name another file with --auth-file, or ask for no login with --anonymous',
  });
}
