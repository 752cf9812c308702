/** Finds the files of registries.conf as containers/image does, and lays drop-ins over the main one. */

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ErofsWasmError } from '../../../errors.ts';
import { collect } from '../../content-store.ts';
import { errorCode } from '../../error-code.ts';
import { parseRegistriesConf } from './registries-conf.ts';
import type { RegistryRule } from './registry-rule.ts';

/** Which files are looked at. */
export interface RegistriesPaths {
  readonly file: string;
  /** Whether the file was asked for by name; its absence is an error then. */
  readonly named: boolean;
  /** Folders of drop-ins, in order. */
  readonly folders: readonly string[];
}

/** Where distributions put the file and its drop-ins (sysregistriesv2, paths_common.go). */
const SYSTEM_FOLDER = '/etc/containers';

/** A list of registries is a few kilobytes; a larger file is something else. */
const LARGEST_FILE = 1024 * 1024;

/** Drop-ins are a handful; more than this is the wrong folder. */
const MOST_FILES = 256;

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** All rules; of two with one prefix the later file's counts. Throws `E_POLICY` for what cannot be read. */
export async function readRegistryRules(paths?: RegistriesPaths): Promise<readonly RegistryRule[]> {
  const { file, named, folders } = paths ?? (await registriesPaths(process.env));
  const rules = new Map<string, RegistryRule>();
  const lay = (more: readonly RegistryRule[]): void => {
    for (const rule of more) rules.set(rule.prefix, rule);
  };
  const main = await readConf(file);
  if (main === undefined && named)
    throw unreadable('the configuration of registries does not exist', file);
  // Within one file the first of two equal prefixes counts, between files the last one does.
  lay([...(main ?? [])].reverse());
  for (const path of await dropIns(folders)) lay([...((await readConf(path)) ?? [])].reverse());
  return [...rules.values()];
}

/** sysregistriesv2 `newConfigWrapper`: a user's own file also hides the drop-ins of the system. */
export async function registriesPaths(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RegistriesPaths> {
  const configHome = environment.XDG_CONFIG_HOME || join(homedir(), '.config');
  const own = join(configHome, 'containers', 'registries.conf');
  const folders = [`${SYSTEM_FOLDER}/registries.conf.d`, `${own}.d`];
  const file = environment.CONTAINERS_REGISTRIES_CONF ?? '';
  if (file !== '') return { file, named: true, folders };
  return (await exists(own))
    ? { file: own, named: false, folders: folders.slice(1) }
    : { file: `${SYSTEM_FOLDER}/registries.conf`, named: false, folders };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function dropIns(folders: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const folder of folders) {
    const names = (await listFolder(folder)).filter((name) => name.endsWith('.conf'));
    paths.push(...names.sort().map((name) => join(folder, name)));
    if (paths.length > MOST_FILES)
      throw unreadable(`more than ${MOST_FILES} configurations of registries`, folder);
  }
  return paths;
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    const code = errorCode(error);
    if (ABSENT.has(code)) return [];
    throw unreadable(`the configuration of registries cannot be read: ${code}`, folder);
  }
}

/** `undefined` where there is no such file. */
async function readConf(path: string): Promise<readonly RegistryRule[] | undefined> {
  const tooLarge = (): Error => unreadable('the configuration of registries is too large', path);
  let bytes: Uint8Array;
  try {
    bytes = await collect(createReadStream(path, { end: LARGEST_FILE }), LARGEST_FILE, tooLarge);
  } catch (error) {
    if (error instanceof ErofsWasmError) throw error;
    const code = errorCode(error);
    if (ABSENT.has(code)) return undefined;
    throw unreadable(`the configuration of registries cannot be read: ${code}`, path);
  }
  return parseRegistriesConf(Buffer.from(bytes).toString('utf8'), path);
}

function unreadable(summary: string, place: string): ErofsWasmError {
  return new ErofsWasmError('E_POLICY', summary, {
    place,
    hint: 'CONTAINERS_REGISTRIES_CONF names another file',
  });
}
