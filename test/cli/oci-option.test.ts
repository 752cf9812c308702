/** The option string of `--oci`: what it means, and that nothing in it is guessed. */

import { describe, expect, it } from 'vitest';
import { type OciOption, parseOciOption } from '../../src/cli/oci-option.ts';
import { ErofsWasmError } from '../../src/errors.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

function refusalOf(text: string): ErofsWasmError {
  try {
    parseOciOption(text);
  } catch (thrown) {
    if (thrown instanceof ErofsWasmError) return thrown;
    throw thrown;
  }
  throw new Error(`not refused: ${text}`);
}

describe('the option string of --oci', () => {
  it.each<[string, OciOption]>([
    ['nginx', { source: 'nginx' }],
    ['localhost:5000/a/b:tag', { source: 'localhost:5000/a/b:tag' }],
    [`nginx@${DIGEST}`, { source: `nginx@${DIGEST}` }],
    ['nginx,platform=linux/arm/v7', { source: 'nginx', platform: 'linux/arm/v7' }],
    ['nginx,layer=0', { source: 'nginx', layer: 0 }],
    ['nginx,layer=12', { source: 'nginx', layer: 12 }],
    [`nginx,blob=${DIGEST}`, { source: 'nginx', blob: DIGEST }],
    ['nginx,anonymous', { source: 'nginx', anonymous: true }],
    ['nginx,insecure,anonymous', { source: 'nginx', insecure: true, anonymous: true }],
    [
      'nginx,username=me,password=platform=x=',
      { source: 'nginx', username: 'me', password: 'platform=x=' },
    ],
    ['nginx,password= insecure ', { source: 'nginx', password: ' insecure ' }],
  ])('%s', (text, expected) => {
    expect(parseOciOption(text)).toEqual(expected);
  });

  it.each([
    ['', 'needs the image'],
    [',platform=linux/amd64', 'needs the image'],
    ['platform=linux/amd64', 'needs the image'],
    ['insecure', 'needs the image'],
    ['nginx,', 'item 2 is empty'],
    ['nginx,,anonymous', 'item 2 is empty'],
    ['nginx,anonymous,', 'item 3 is empty'],
    ['nginx,other', 'item 2 has an unknown key: other'],
    ['nginx,other=1', 'item 2 has an unknown key: other'],
    ['nginx,=1', 'item 2 has an unknown key'],
    ['nginx,Platform=linux/amd64', 'unknown key: Platform'],
    ['nginx, platform=linux/amd64', 'unknown key:  platform'],
    ['nginx,source=other', 'unknown key: source'],
    ['nginx,platform', 'platform needs a value'],
    ['nginx,platform=', 'platform needs a value'],
    ['nginx,password=', 'password needs a value'],
    ['nginx,anonymous=1', 'anonymous takes no value'],
    ['nginx,insecure=', 'insecure takes no value'],
    ['nginx,insecure,insecure', 'insecure is given twice'],
    ['nginx,layer=0,layer=0', 'layer is given twice'],
    ['nginx,layer=-1', 'layer is not a number'],
    ['nginx,layer=1e3', 'layer is not a number'],
    ['nginx,layer=0x1', 'layer is not a number'],
    ['nginx,layer=9007199254740993', 'layer is not a number'],
  ])('refuses %j', (text, message) => {
    const error = refusalOf(text);
    expect(error.code).toBe('E_USAGE');
    expect(error.message).toContain(message);
  });

  it.each([
    'nginx,username=me,password=hunter2,hunter3',
    'nginx,password=hunter2,hunter3=x',
    'nginx,password=hunter2,platform=',
    'nginx,password=hunter2,password=hunter3',
    'nginx,username=hunter2,username=hunter3',
  ])('does not repeat what may be secret: %s', (text) => {
    expect(refusalOf(text).message).not.toContain('hunter');
  });
});
