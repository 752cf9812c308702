/** Certificates from files: authorities to trust besides the usual ones, and one to show to a registry. */

import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, rootCertificates } from 'node:tls';
import { ErofsWasmError } from '../../../errors.ts';
import { errorCode } from '../../error-code.ts';
import type { RegistryOptions } from '../../options.ts';

/** What TLS needs besides its defaults. */
export interface TlsMaterial {
  /** PEM texts; undefined for the usual authorities. */
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Bundles of all authorities have a few hundred kilobytes. */
const LARGEST_FILE = 16 * 1024 * 1024;

/** containers-certs.d(5) and Docker's documentation; a user's own come first. */
function certificateFolders(): readonly string[] {
  return [
    join(homedir(), '.config', 'containers', 'certs.d'),
    '/etc/containers/certs.d',
    '/etc/docker/certs.d',
  ];
}

/**
 * The certificates for a host, with its port as in the reference: those of the options, then those of the first
 * `certs.d` folder that has one for the host. Throws `E_SOURCE`, naming the file and never what is in it.
 */
export async function readTlsMaterial(
  host: string,
  { caFile, certFile, keyFile }: RegistryOptions,
  folders: readonly string[] = certificateFolders(),
): Promise<TlsMaterial> {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ErofsWasmError('E_USAGE', 'a certificate and its key belong together', {
      hint: 'give both --cert-file and --key-file',
    });
  const found = await readFolders(host, folders);
  const { SSL_CERT_FILE: common = '' } = process.env;
  const named = [caFile, common === '' ? undefined : common].filter((file) => file !== undefined);
  const ca = [...(await Promise.all(named.map(readAuthorities))), ...found.ca];
  const pair =
    certFile === undefined || keyFile === undefined
      ? found.pair
      : await readPair(certFile, keyFile);
  return { ...(ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] }), ...pair };
}

interface FolderMaterial {
  readonly ca: readonly string[];
  readonly pair: { readonly cert: string; readonly key: string } | undefined;
}

async function readFolders(host: string, folders: readonly string[]): Promise<FolderMaterial> {
  for (const parent of folders) {
    const folder = join(parent, host);
    const names = await readdir(folder).catch(() => undefined);
    if (names !== undefined) return readFolder(folder, names.sort());
  }
  return { ca: [], pair: undefined };
}

async function readFolder(folder: string, names: readonly string[]): Promise<FolderMaterial> {
  const ca = await Promise.all(
    names
      .filter((name) => name.endsWith('.crt'))
      .map((name) => readAuthorities(join(folder, name))),
  );
  const stems = (suffix: string): string[] =>
    names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
  const [certificates, keys] = [stems('.cert'), stems('.key')];
  const lonely = [
    ...certificates.filter((stem) => !keys.includes(stem)).map((stem) => [`${stem}.cert`, '.key']),
    ...keys.filter((stem) => !certificates.includes(stem)).map((stem) => [`${stem}.key`, '.cert']),
  ][0];
  if (lonely !== undefined)
    throw new ErofsWasmError('E_SOURCE', `there is no ${lonely[1]} beside ${lonely[0]}`, {
      place: folder,
    });
  const [stem] = certificates;
  const pair =
    stem === undefined
      ? undefined
      : await readPair(join(folder, `${stem}.cert`), join(folder, `${stem}.key`));
  return { ca, pair };
}

async function readAuthorities(file: string): Promise<string> {
  const text = await readPem(file);
  const first = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END/.exec(text)?.[0];
  if (first === undefined) throw unusable(file, 'there is no PEM certificate in it');
  try {
    new X509Certificate(`${first} CERTIFICATE-----\n`.replace('TRUSTED ', ''));
  } catch (cause) {
    throw unusable(file, `its certificates cannot be read: ${errorCode(cause)}`);
  }
  return text;
}

async function readPair(certFile: string, keyFile: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [await readPem(certFile), await readPem(keyFile)];
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw unusable(
      certFile,
      `it and ${keyFile} are no certificate and its key: ${errorCode(cause)}`,
    );
  }
  return { cert, key };
}

async function readPem(file: string): Promise<string> {
  try {
    const info = await stat(file);
    if (info.isFile() && info.size <= LARGEST_FILE) return await readFile(file, 'utf8');
  } catch (cause) {
    throw unusable(file, `it cannot be read: ${errorCode(cause)}`);
  }
  throw unusable(file, 'it is no regular file of a reasonable length');
}

function unusable(file: string, why: string): ErofsWasmError {
  return new ErofsWasmError('E_SOURCE', `a file of certificates cannot be used: ${why}`, {
    place: file,
    hint: 'it must hold certificates, or the key, in PEM form',
  });
}
