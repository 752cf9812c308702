/** From a command line to the options of the build. */

import { describe, expect, it } from 'vitest';
import { optionsOf } from './options-of.ts';

describe('the options of a build', () => {
  it('are few where little is said', () => {
    const expected = { source: 'nginx', output: 'out.erofs', sha256: true, cache: true };
    expect(optionsOf('nginx', '-o', 'out.erofs')).toEqual(expected);
    expect(optionsOf('nginx', '--output=out.erofs')).toEqual(expected);
    expect(optionsOf('-oout.erofs', 'nginx')).toEqual(expected);
  });

  it('come from every flag', () => {
    const flags =
      '--platform linux/arm64/v8 --layer 3 --insecure --anonymous --data=zero -b4096 -L root ' +
      '-U 00000000-0000-4000-8000-000000000000 -T 0 --threads 0 --no-sha256 --quiet --json --debug';
    expect(optionsOf('oci:a b:c', '-o', 'x', ...flags.split(' '))).toEqual({
      source: 'oci:a b:c',
      output: 'x',
      platform: 'linux/arm64/v8',
      layer: 3,
      insecure: true,
      anonymous: true,
      data: 'zero',
      blockSize: 4096,
      label: 'root',
      uuid: '00000000-0000-4000-8000-000000000000',
      timestamp: 0,
      threads: 0,
      sha256: false,
      cache: true,
    });
  });

  it('come from the flags of the network', () => {
    const flags =
      '--auth-file a --plain-http --ca-file c --cert-file d --key-file e --mirror h=m --mirror h=n ' +
      '--max-connections 3 --limit-rate 10M --max-retry-wait 7 --no-cache';
    expect(optionsOf('nginx', '-o', 'x', ...flags.split(' '))).toEqual({
      source: 'nginx',
      output: 'x',
      authFile: 'a',
      plainHttp: true,
      caFile: 'c',
      certFile: 'd',
      keyFile: 'e',
      mirrors: ['h=m', 'h=n'],
      maxConnections: 3,
      limitRate: 10 * 1024 ** 2,
      maxRetryWait: 7,
      sha256: true,
      cache: false,
    });
  });

  it('come from --oci', () => {
    const oci =
      'host:5000/a:b,platform=linux/amd64,blob=sha256:00,username=me,password=x=y,insecure';
    for (const args of [[`--oci=${oci}`], ['--oci', oci]]) {
      expect(optionsOf(...args, '-o', 'x', '-b', '512')).toEqual({
        source: 'host:5000/a:b',
        output: 'x',
        platform: 'linux/amd64',
        blob: 'sha256:00',
        username: 'me',
        password: 'x=y',
        insecure: true,
        blockSize: 512,
        sha256: true,
        cache: true,
      });
    }
  });

  it('take the password from its own place', () => {
    const options = optionsOf('nginx', '-o', 'x', '--username', 'me', '--password-stdin');
    expect(options).toEqual({
      source: 'nginx',
      output: 'x',
      username: 'me',
      sha256: true,
      cache: true,
    });
  });
});
