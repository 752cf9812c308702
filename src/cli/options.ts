/** Every flag of `build` and `verify`, with its help, in the order that the help shows. */

import { InvalidArgumentError, Option } from 'commander';
import { addLimit } from './limit-option.ts';
import { parseCount, parseSize } from './numbers.ts';
import { parseOciOption } from './oci-option.ts';
import { PROGRESS_MODES } from './progress/choose.ts';

/** How an image to read is spelled. */
export const SOURCE_SPELLINGS =
  'nginx:1.27, docker://…, oci:FOLDER[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], tar:FILE or tar:-';

export function buildFlagOptions(): readonly Option[] {
  return [
    ...sourceOptions(),
    ...networkOptions(),
    ...treeOptions(),
    ...layersOptions(),
    ...formOptions(),
    ...contentOptions(),
    ...imageOptions(),
    ...outputOptions(),
    ...workOptions(),
    new Option('--no-sha256', 'do not hash the finished image'),
    ...printOptions(),
  ];
}

/** Those that decide what is in an image, and what to compare. */
export function verifyFlagOptions(): readonly Option[] {
  return [
    ...sourceOptions(),
    ...networkOptions(),
    ...treeOptions(),
    ...formOptions(),
    ...contentOptions(),
    new Option(
      '--device <file>',
      'device that the image refers to, device 1 first; may be repeated',
    ).argParser(append),
    new Option('--all', 'print all differences, not the first 20'),
    ...workOptions(),
    ...printOptions(),
  ];
}

function sourceOptions(): Option[] {
  return [
    new Option(
      '--oci <string>',
      'the source as one string: REF[,KEY=VALUE]…[,WORD]… with the keys platform, layer, blob, username, password and the words anonymous, insecure',
    ).argParser(parseOciOption),
    new Option('--platform <os/arch>', 'platform to choose, such as linux/arm64/v8'),
    count('--layer <n>', 'only this layer, 0 for the lowest'),
    new Option('--blob <digest>', 'only the layer with this digest'),
    new Option('--username <name>', 'user for the registry'),
    new Option('--password-stdin', 'read the password for the registry from standard input'),
    // Optional, so that the next word is taken too and is not printed in some other error.
    new Option('--password [text]').hideHelp().argParser(refusePassword),
    new Option('--auth-file <file>', 'the only file of stored logins to look in'),
    new Option('--anonymous', 'use no credentials, even if some are found'),
  ];
}

function networkOptions(): Option[] {
  return [
    new Option('--insecure', 'allow plain http and unverified certificates for this registry'),
    new Option('--plain-http', 'speak http with this registry, and do not try https'),
    new Option('--ca-file <file>', 'PEM file of authorities to trust besides the usual ones'),
    new Option('--cert-file <file>', 'PEM file of a certificate to show to this registry'),
    new Option('--key-file <file>', 'PEM file of the key of --cert-file'),
    new Option(
      '--mirror <host=mirror>',
      'ask this mirror first for images of a host; may be repeated',
    ).argParser(append),
    count('--max-connections <n>', 'layers that are downloaded at once, each over one connection'),
    size('--limit-rate <bytes>', 'bytes a second of all downloads together, such as 10M'),
    count('--max-retry-wait <seconds>', 'longest wait that a registry may ask for (default: 60)'),
    new Option(
      '--cache <folder>',
      "keep downloaded blobs here (default: in the user's cache folder)",
    ),
    new Option('--no-cache', 'keep no downloaded blobs, and use none'),
  ];
}

function contentOptions(): Option[] {
  return [
    new Option('--data <mode>', 'zero gives files their size and no data').choices([
      'full',
      'zero',
    ]),
    count('-T, --timestamp <seconds>', 'build time (default: SOURCE_DATE_EPOCH, or of the image)'),
  ];
}

function imageOptions(): Option[] {
  return [
    count(
      '-b, --block-size <bytes>',
      'power of two from 512 to 65536 (default: 4096; 512 for an index)',
    ),
    new Option('-L, --label <text>', 'volume name, at most 15 bytes'),
    new Option(
      '-U, --uuid <uuid>',
      'UUID of the file system (default: from the source and options)',
    ),
  ];
}

function treeOptions(): Option[] {
  return [
    new Option(
      '--exclude <pattern>',
      'leave out paths, such as usr/share/doc, var/cache/* or **/*.pyc; may be repeated',
    ).argParser(append),
    new Option('--all-root', 'all files belong to user and group 0'),
    count('--force-uid <id>', 'all files belong to this user'),
    count('--force-gid <id>', 'all files belong to this group'),
    offset('--uid-offset <n>', 'add this to every user id'),
    offset('--gid-offset <n>', 'add this to every group id'),
    new Option(
      '--symlink-parents <reading>',
      'a path through a symbolic link of a lower layer: overlay hides the link (default), extract follows it',
    ).choices(['overlay', 'extract']),
  ];
}

function layersOptions(): Option[] {
  return [
    new Option('--layers', 'an image of each layer, in the folder given by --output'),
    new Option('--force', 'with --layers: build images anew, whatever is in their place'),
  ];
}

function formOptions(): Option[] {
  return [
    new Option(
      '--whiteouts <form>',
      'of one layer: apply leaves them out, overlay keeps them as overlayfs has them',
    ).choices(['apply', 'overlay']),
    new Option(
      '--overlay-xattrs <namespace>',
      'of kept whiteouts; user is for mounts with userxattr (default: trusted)',
    ).choices(['trusted', 'user']),
    new Option('--profile <reader>', 'make the image for this reader').choices([
      'default',
      'containerd',
      'gvisor',
    ]),
    new Option('--index', 'metadata only; content stays in the unpacked tar, as device 1'),
  ];
}

function outputOptions(): Option[] {
  return [
    new Option(
      '-o, --output <file>',
      'the image to write, or the folder for --layers',
    ).makeOptionMandatory(),
    new Option('--verify', 'read the source once more and compare, before the image appears'),
  ];
}

function workOptions(): Option[] {
  return [
    new Option(
      '--limit <name=value>',
      'change a limit on input, such as entries=16M; README.md has the names; may be repeated',
    ).argParser(addLimit),
    count('--threads <n>', 'threads for the byte work; 0 for none (default: one a core)'),
    size('--memory <bytes>', 'buffers, such as 512M, from 32M (default: 256M)'),
  ];
}

function printOptions(): Option[] {
  return [
    new Option('--progress <mode>', 'how to show progress; auto by default').choices(
      PROGRESS_MODES,
    ),
    new Option('-q, --quiet', 'print nothing but errors'),
    new Option('--json', 'print the result, or the error, as JSON on standard output'),
    new Option('--debug', 'print where an error came from'),
  ];
}

export function count(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = parseCount(text);
    if (value === undefined) throw new InvalidArgumentError('Give a whole number from 0.');
    return value;
  });
}

export function size(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = parseSize(text);
    if (value === undefined || !Number.isSafeInteger(value))
      throw new InvalidArgumentError('Give a whole number, or one with K, M or G.');
    return value;
  });
}

function offset(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = parseCount(text.replace(/^-/, ''));
    if (value === undefined) throw new InvalidArgumentError('Give a whole number.');
    return text.startsWith('-') ? -value : value;
  });
}

function append(pattern: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), pattern];
}

function refusePassword(): never {
  throw new InvalidArgumentError(PASSWORD_REFUSED);
}

/** Others can see the arguments of a process. */
export const PASSWORD_REFUSED = '--password is not taken from the command line';
