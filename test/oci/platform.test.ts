import { describe, expect, it } from 'vitest';
import {
  formatPlatform,
  parsePlatform,
  platformOfMachine,
  platformRank,
} from '../../src/oci/platform.ts';

describe('3.3 normal forms', () => {
  it.each([
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/i386', 'linux/386'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/amd64/1', 'linux/amd64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['macOS/ARM64', 'darwin/arm64'],
    ['arm64', 'linux/arm64'],
    ['linux/riscv64', 'linux/riscv64'],
  ])('%s is %s', (input, normal) => {
    expect(formatPlatform(parsePlatform(input))).toBe(normal);
  });

  it.each(['', 'a/b/c/d', 'linux/', '/amd64', 'linux/amd64/', 'li nux/amd64', 'x\u001b[0m'])(
    'refuses %j',
    (input) => {
      expect(() => parsePlatform(input)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    },
  );

  it.each([
    ['x64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['arm', 'linux/arm/v7'],
    ['ia32', 'linux/386'],
    ['ppc64', 'linux/ppc64le'],
    ['s390x', 'linux/s390x'],
    ['riscv64', 'linux/riscv64'],
    ['loong64', 'linux/loong64'],
  ])('the machine %s is %s', (machine, platform) => {
    expect(formatPlatform(platformOfMachine(machine))).toBe(platform);
  });
});

describe('3.3 match order: what serves a platform', () => {
  const all = [
    ...['386', 'amd64', 'amd64/v2', 'amd64/v3', 'amd64/v4', 'arm/v5', 'arm/v6', 'arm/v7', 'arm/v8'],
    ...['arm64', 'arm64/v8.4', 'arm64/v8.5', 'arm64/v8.7', 'arm64/v9', 'arm64/v9.1', 'arm64/v9.2'],
  ];

  it.each([
    ['linux/amd64', ['amd64']],
    ['linux/amd64/v3', ['amd64/v3', 'amd64/v2', 'amd64']],
    ['linux/386', ['386']],
    ['linux/arm64', ['arm64']],
    ['linux/arm64/v9', ['arm64/v9', 'arm64/v8.5', 'arm64/v8.4', 'arm64']],
    [
      'linux/arm64/v9.2',
      ['arm64/v9.2', 'arm64/v9.1', 'arm64/v9', 'arm64/v8.7', 'arm64/v8.5', 'arm64/v8.4', 'arm64'],
    ],
    ['linux/arm', ['arm/v7', 'arm/v6', 'arm/v5']],
    ['linux/arm/v6', ['arm/v6', 'arm/v5']],
    ['linux/arm/v5', ['arm/v5']],
    ['windows/amd64', []],
  ])('%s', (wanted, expected) => {
    const ranked = all
      .map((name) => ({
        name,
        rank: platformRank(parsePlatform(wanted), parsePlatform(`linux/${name}`)),
      }))
      .filter((item): item is { name: string; rank: number } => item.rank !== undefined)
      .sort((a, b) => a.rank - b.rank);
    expect(ranked.map(({ name }) => name)).toEqual(expected);
  });
});
