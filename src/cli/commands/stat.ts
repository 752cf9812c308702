/** `stat`: everything that an image says of one name. */

import { type Command, Option } from 'commander';
import type { ContentRun, ImageStat } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { modeText } from '../entry-text.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { imagePath, safeJson, safeLine, safeName } from '../safe-text.ts';
import { writeText } from '../streams.ts';

interface StatFlags extends ImageFlags {
  readonly dereference?: true;
}

export function addStat(program: Command, invoke: Invoke): void {
  const command = program
    .command('stat')
    .description('show all that an EROFS image says of a file')
    .argument('<image>', 'file with an EROFS image')
    .argument('<path>', 'a path in the image')
    .addOption(new Option('-L, --dereference', 'follow a symbolic link at the end of the path'));
  addImageFlags(command);
  command.action((image: string, path: string, flags: StatFlags) =>
    invoke((context) => runStat(image, path, flags, context)),
  );
}

async function runStat(
  image: string,
  path: string,
  flags: StatFlags,
  { streams, signal }: CommandContext,
): Promise<void> {
  const { statImage } = await import('../../index.ts');
  const follow = flags.dereference === true;
  const stat = await statImage(image, imagePath(path), { ...openOptions(flags), follow, signal });
  await writeText(streams.stdout, flags.json ? `${safeJson(stat)}\n` : statText(stat));
}

function statText(stat: ImageStat): string {
  const { device, target, xattrs, extents, extentCount } = stat;
  const mode = `0${stat.mode.toString(8).padStart(3, '0')} (${modeText(stat)})`;
  const rows: [string, string | undefined][] = [
    ['path', safeName(stat.path, stat.pathBase64)],
    ['target', target === undefined ? undefined : safeName(target, stat.targetBase64)],
    ['type', stat.type],
    ['mode', mode],
    ['owner', `${stat.uid}:${stat.gid}`],
    ['links', `${stat.links}`],
    ['size', `${stat.size}`],
    ['device', device && `${device.major}, ${device.minor}`],
    ['mtime', stat.mtime],
    ['inode', `nid ${stat.nid}, ino ${stat.ino}, ${stat.form}, at byte ${stat.offset}`],
    ['layout', device === undefined ? stat.layout : undefined],
    ...xattrs.map((xattr): [string, string] => ['xattr', xattrText(xattr)]),
    ...extents.map((run): [string, string] => ['extent', runText(run)]),
  ];
  if (extents.length < extentCount) rows.push(['', `and ${extentCount - extents.length} more`]);
  const shown = rows.filter(([, value]) => value !== undefined);
  return shown.map(([name, value]) => `${name.padEnd(8)}${safeLine(value!)}\n`).join('');
}

function xattrText({ name, value, shared }: ImageStat['xattrs'][number]): string {
  return `${name}=${value}${shared ? ' (shared)' : ''}`;
}

function runText(run: ContentRun): string {
  const { position, length, kind, device, offset, stored, inside, algorithm } = run;
  if (offset === undefined) return `${position}+${length} ${kind}`;
  const what = algorithm === undefined ? kind : `${algorithm} in ${stored} bytes`;
  const where = device === 0 ? (inside ?? 'the image') : `device ${device}`;
  return `${position}+${length} ${what} at byte ${offset} of ${where}`;
}
