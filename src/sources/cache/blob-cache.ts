/**
 * Blobs of registries on this machine, by digest. Processes share it without locks: a file appears complete, under a
 * name that its content decides, and nobody trusts it before its digest is compared once more.
 */

import { chmod, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ErofsWasmError } from '../../errors.ts';
import { parseDigest } from '../../oci/digest.ts';
import { errorCode } from '../error-code.ts';
import { OpenedFile } from '../opened-file.ts';
import type { SourceNotice } from '../source.ts';
import { BlobWriter } from './blob-writer.ts';
import { blobsFolder, temporaryFolder } from './cache-folder.ts';

/** Only the user may see what private registries sent. */
const PRIVATE_FOLDER = 0o700;

/** A download that has not grown for so long was left by a process that was killed. */
export const STALE_MS = 24 * 60 * 60 * 1000;

export class BlobCache {
  readonly folder: string;
  readonly #notice: SourceNotice;
  #isUsable = true;
  #made: Promise<void> | undefined;

  constructor(folder: string, notice: SourceNotice) {
    this.folder = folder;
    this.#notice = notice;
  }

  /** The stored blob, open, or undefined. One of another size is removed. The caller closes it. */
  async find(digest: string, size?: number): Promise<OpenedFile | undefined> {
    const path = this.#pathOf(digest);
    let file: OpenedFile;
    try {
      file = await OpenedFile.open(path, { follow: false });
    } catch (error) {
      if (error instanceof ErofsWasmError && error.code === 'E_NOT_FOUND') return undefined;
      await this.remove(digest);
      return undefined;
    }
    if (size !== undefined && file.size !== size) {
      await file.close();
      await this.remove(digest);
      return undefined;
    }
    await touch(path);
    return file;
  }

  /** A writer for a blob, or undefined where the cache cannot be written. */
  begin(): Promise<BlobWriter | undefined> {
    return this.attempt(async () => {
      await this.#prepare();
      return BlobWriter.create(temporaryFolder(this.folder));
    });
  }

  /** Keeps what the writer got, which had the digest. */
  async keep(writer: BlobWriter, digest: string): Promise<void> {
    const kept = await this.attempt(async () => {
      const path = this.#pathOf(digest);
      await makeFolder(dirname(path));
      await writer.keep(path);
      return true;
    });
    if (kept !== true) await writer.discard().catch(() => undefined);
  }

  /** Keeps a small blob whose digest was verified. */
  async put(digest: string, bytes: Uint8Array): Promise<void> {
    const writer = await this.begin();
    if (writer === undefined) return;
    const written = await this.attempt(async () => {
      await writer.write(bytes);
      await writer.end();
      return true;
    });
    if (written === true) await this.keep(writer, digest);
    else await writer.discard().catch(() => undefined);
  }

  async remove(digest: string): Promise<void> {
    await rm(this.#pathOf(digest), { force: true }).catch(() => undefined);
  }

  /** What the operation gives; a cache that fails is told of once and not used any more. */
  async attempt<T>(operation: () => Promise<T>): Promise<T | undefined> {
    if (!this.#isUsable) return undefined;
    try {
      return await operation();
    } catch (error) {
      if (this.#isUsable) {
        const message = `the cache in ${this.folder} cannot be written: ${errorCode(error)}`;
        this.#notice({ code: 'cache-unusable', message });
      }
      this.#isUsable = false;
      return undefined;
    }
  }

  #prepare(): Promise<void> {
    this.#made ??= prepareFolder(this.folder);
    return this.#made;
  }

  /** The digest's syntax is checked before it becomes a path (CVE-2024-3727). */
  #pathOf(digest: string): string {
    const { algorithm, hex } = parseDigest(digest, this.folder);
    return join(blobsFolder(this.folder), algorithm, hex);
  }
}

async function prepareFolder(folder: string): Promise<void> {
  await makeFolder(temporaryFolder(folder));
  await removeStale(folder, Date.now() - STALE_MS);
}

/** Makes a folder that only the user can enter; one that is there already stays as the user has it. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  // The mode of `mkdir` is cut by the umask, never widened: this is for those who have one of 0.
  if (first !== undefined) await chmod(folder, PRIVATE_FOLDER);
}

/** Removes downloads that have not grown since `before`, in milliseconds. Returns how many there were. */
export async function removeStale(folder: string, before: number): Promise<number> {
  const temporary = temporaryFolder(folder);
  let removed = 0;
  for (const name of await readdir(temporary).catch(() => [])) {
    const path = join(temporary, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || !info.isFile() || info.mtimeMs > before) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

/** Pruning goes by the time of the last use. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
