import { describe, expect, it } from 'vitest';
import { checkLayerCount, parseImageConfig } from '../../src/oci/config.ts';

const ID = `sha256:${'b'.repeat(64)}`;
const parse = (body: unknown) => parseImageConfig(Buffer.from(JSON.stringify(body)), 'here');
const rootfs = { type: 'layers', diff_ids: [ID] };

describe('image configs', () => {
  it('give what a conversion needs', () => {
    const created = '2024-05-06T07:08:09.123456789Z';
    const config = parse({ created, os: 'linux', architecture: 'arm64', variant: 'v8', rootfs });
    expect(config).toEqual({
      created,
      platform: { os: 'linux', architecture: 'arm64' },
      diffIds: [ID],
      warnings: [],
    });
    checkLayerCount(1, config, 'here');
    expect(() => checkLayerCount(2, config, 'here')).toThrow(/2 layers.*1 diff_ids/);
  });

  it.each([
    ['no date', { os: 'linux', architecture: 'amd64', rootfs }, 0],
    ['a null date', { created: null, os: 'linux', architecture: 'amd64', rootfs }, 0],
    ['an odd date', { created: 'yesterday', os: 'linux', architecture: 'amd64', rootfs }, 1],
    ['a date that is none', { created: '2024-13-06T07:08:09Z', architecture: 'amd64', rootfs }, 1],
    ['no platform', { rootfs }, 1],
  ])('pass with %s', (_name, body, warnings) => {
    const config = parse(body);
    expect(config.created).toBeUndefined();
    expect(config.warnings).toHaveLength(warnings);
  });

  it('may have no layers', () => {
    expect(
      parse({ architecture: 'amd64', rootfs: { type: 'layers', diff_ids: null } }).diffIds,
    ).toEqual([]);
  });

  it.each([
    ['no rootfs', {}],
    ['another kind of rootfs', { rootfs: { type: 'tree', diff_ids: [] } }],
    ['an odd diff_id', { rootfs: { type: 'layers', diff_ids: ['x'] } }],
    ['a number for a diff_id', { rootfs: { type: 'layers', diff_ids: [1] } }],
    ['a list', []],
    ['nothing', null],
  ])('are refused with %s', (_name, body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  });
});
