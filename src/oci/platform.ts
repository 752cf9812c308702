/** Platforms, `os/arch[/variant]`: one spelling for each, and which one can stand in for which (containerd/platforms). */

import { ErofsWasmError } from '../errors.ts';
import { quoted } from './quote.ts';

/** A normalised platform: lower case, Go's names; no `variant` where it is the architecture's default. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const OS_ALIASES: ReadonlyMap<string, string> = new Map([['macos', 'darwin']]);

/** Other people's architecture names, with the variant they imply. */
const ARCHITECTURE_ALIASES: ReadonlyMap<string, readonly [string, string?]> = new Map<
  string,
  readonly [string, string?]
>([
  ['aarch64', ['arm64']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['i386', ['386']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

/** What the runtime calls an architecture (`process.arch`), where it differs from Go's name. */
const RUNTIME_ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
]);

/** The variant an architecture has when none is named, and which is then left out of the normal form. */
const IMPLIED_VARIANT: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
]);

/** One normal form for all spellings of a platform. */
export function normalizePlatform(os: string, architecture: string, variant = ''): Platform {
  const lowerOs = os.toLowerCase();
  const lowerArchitecture = architecture.toLowerCase();
  const [name, implied] = ARCHITECTURE_ALIASES.get(lowerArchitecture) ?? [lowerArchitecture];
  const normal = normalVariant(name, implied ?? variant.toLowerCase());
  return {
    os: OS_ALIASES.get(lowerOs) ?? lowerOs,
    architecture: name,
    ...(normal === '' ? {} : { variant: normal }),
  };
}

function normalVariant(architecture: string, variant: string): string {
  if (architecture === 'arm' && variant === '') return 'v7';
  const prefixed = /^\d/.test(variant) ? `v${variant}` : variant;
  const short = prefixed.replace(/^(v\d+)\.0$/, '$1');
  return short === IMPLIED_VARIANT.get(architecture) ? '' : short;
}

/** `linux/arch[/variant]`, or an architecture alone for Linux. Throws `E_USAGE`. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const legal = parts.length <= 3 && parts.every((part) => /^[A-Za-z0-9_.-]{1,64}$/.test(part));
  if (!legal)
    throw new ErofsWasmError('E_USAGE', `invalid platform: ${quoted(text)}`, {
      hint: 'write os/architecture or os/architecture/variant, as in `linux/arm64`',
    });
  const [first = '', second, third] = parts;
  return second === undefined
    ? normalizePlatform('linux', first)
    : normalizePlatform(first, second, third);
}

/** The Linux platform of a machine that the runtime calls `architecture` (`process.arch`). */
export function platformOfMachine(architecture: string): Platform {
  return normalizePlatform('linux', RUNTIME_ARCHITECTURES.get(architecture) ?? architecture);
}

/** `os/arch[/variant]`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

/**
 * How well `have` serves `wanted`: 0 is the platform itself, larger is a lower variant, `undefined` not at all.
 * Another architecture never serves: 386 runs on amd64, but nobody who asked for amd64 means it.
 */
export function platformRank(wanted: Platform, have: Platform): number | undefined {
  if (wanted.os !== have.os || wanted.architecture !== have.architecture) return undefined;
  const rank = servingVariants(wanted).indexOf(have.variant ?? '');
  return rank < 0 ? undefined : rank;
}

/** The variants that serve a platform, best first; an empty string is the implied variant. */
function servingVariants({ architecture, variant = '' }: Platform): readonly string[] {
  const match = /^v(\d)(?:\.(\d{1,2}))?$/.exec(variant);
  if (match === null) return [variant];
  const major = Number(match[1]);
  const minor = Number(match[2] ?? 0);
  if (architecture === 'arm64') return arm64Variants(major, minor);
  if (architecture === 'arm') return countDown(major, 5).map((step) => `v${step}`);
  if (architecture === 'amd64') return [...countDown(major, 2).map((step) => `v${step}`), ''];
  return [variant];
}

/** Armv9.N contains Armv8.(N+5) (Arm ARM; containerd/platforms `arm64` compatibility table). */
function arm64Variants(major: number, minor: number): readonly string[] {
  const nine = major === 9 ? countDown(minor, 0).map((step) => versionText(9, step)) : [];
  const eight = countDown(major === 9 ? minor + 5 : minor, 1).map((step) => versionText(8, step));
  return [...nine, ...eight, ''];
}

function versionText(major: number, minor: number): string {
  return minor === 0 ? `v${major}` : `v${major}.${minor}`;
}

function countDown(from: number, to: number): number[] {
  return Array.from({ length: Math.max(from - to + 1, 0) }, (_, step) => from - step);
}
