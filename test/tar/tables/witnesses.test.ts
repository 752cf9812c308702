/** Other readers of tars as witnesses for the tables; where one differs, the row says so and another one is asked. */

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWith, runAnyway } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { collect } from '../collect.ts';
import type { Row } from './row.ts';
import { TABLES } from './tables.ts';

const LIST_TAR = fileURLToPath(new URL('../list-tar.py', import.meta.url));
/** Otherwise bsdtar shows bytes above 127 as escapes, also where they are UTF-8. */
const ENV = { LC_ALL: 'C.UTF-8' };
const ROWS = Object.values(TABLES).flat();

/** What a reader sees, as far as it can show it; `refused` where it gives up. */
type Seen = { readonly names: readonly string[]; readonly content?: string } | 'refused';

async function seenByTar(file: string): Promise<Seen> {
  const options = ['--quoting-style=literal', '--absolute-names', '--null'];
  const list = await runAnyway('tar', [...options, '-tf', file], { env: ENV });
  if (list.code !== 0) return 'refused';
  const content = await runAnyway('tar', ['-xOf', file], { env: ENV });
  return {
    names: [list.stdout.toString('latin1')],
    content: content.stdout.toString('latin1'),
  };
}

function seenByUs(row: Row): Seen {
  if (typeof row.gives === 'string') return 'refused';
  const { entries } = collect(row.archive);
  return {
    names: [entries.map(({ name }) => `${name}\n`).join('')],
    content: entries.map(({ content }) => content).join(''),
  };
}

async function seenByBsdtar(file: string): Promise<Seen> {
  const { code, stdout } = await runAnyway('bsdtar', ['-tf', file], { env: ENV });
  return code === 0 ? { names: [unescaped(stdout.toString('latin1'))] } : 'refused';
}

/** bsdtar writes odd bytes as `\ooo`, a newline as `\n`, and a backslash as two. */
function unescaped(listing: string): string {
  return listing.replace(/\\(\d{3}|n|\\)/g, (_, code: string) => {
    if (code === 'n') return '\n';
    return code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8));
  });
}

async function seenByPython(file: string): Promise<Seen> {
  const { code, stdout } = await runAnyway('python3', [LIST_TAR, file]);
  if (code !== 0) return 'refused';
  const lines = stdout.toString().split('\n').filter(Boolean);
  return { names: lines.map((line) => pythonLine(JSON.parse(line))) };
}

/** Python drops the slash behind a directory. */
function pythonLine(entry: Record<string, unknown>): string {
  const { name, type, link, mode, uid, gid, mtime, major, minor, size, sha256 } = entry;
  return [name, type, link, mode, uid, gid, mtime, major, minor, size, sha256].join(' ');
}

function seenByUsInPython(row: Row): Seen {
  if (typeof row.gives === 'string') return 'refused';
  return {
    names: collect(row.archive).entries.map((entry) =>
      pythonLine({
        ...entry,
        name: entry.name.replace(/\/$/, ''),
        sha256: createHash('sha256').update(Buffer.from(entry.content, 'latin1')).digest('hex'),
      }),
    ),
  };
}

describeWith({ tools: ['tar'] }, 'GNU tar', () => {
  const path = useWorkFolder();
  // What it writes of a sparse file to a pipe leaves out the holes.
  const rows = ROWS.filter(({ row, unlike }) => !unlike?.includes('tar') && !/^a sparse/.test(row));
  it.each(rows)('sees the same in $row', async (row) => {
    await writeFile(path('a.tar'), row.archive);
    expect(await seenByTar(path('a.tar'))).toEqual(seenByUs(row));
  });
});

describeWith({ tools: ['bsdtar'] }, 'bsdtar', () => {
  const path = useWorkFolder();
  const rows = ROWS.filter(({ unlike }) => !unlike?.includes('bsdtar'));
  it.each(rows)('sees the same names in $row', async (row) => {
    await writeFile(path('a.tar'), row.archive);
    const ours = seenByUs(row);
    const names = ours === 'refused' ? ours : { names: ours.names };
    expect(await seenByBsdtar(path('a.tar'))).toEqual(names);
  });
});

describeWith({ tools: ['python3'] }, "Python's tarfile", () => {
  const path = useWorkFolder();
  const rows = ROWS.filter(({ unlike }) => !unlike?.includes('python'));
  it.each(rows)('sees the same entries in $row', async (row) => {
    await writeFile(path('a.tar'), row.archive);
    expect(await seenByPython(path('a.tar'))).toEqual(seenByUsInPython(row));
  });
});
