import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RegistriesPaths,
  readRegistryRules,
  registriesPaths,
} from '../../../src/sources/registry/mirrors/registries-files.ts';
import { failureOf } from '../read-layers.ts';

describe('2.6 the files of registries.conf', () => {
  let folder = '';
  let paths: RegistriesPaths;
  const rule = (prefix: string, location: string): string =>
    `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\n`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'registries-'));
    const at = (name: string): string => join(folder, name);
    paths = {
      file: at('registries.conf'),
      named: false,
      folders: [at('a.d'), at('b.d'), at('none.d')],
    };
    for (const name of ['a.d', 'b.d', 'a.d/sub.conf', 'own/containers'])
      await mkdir(at(name), { recursive: true });
    await writeFile(
      at('registries.conf'),
      rule('one.x', 'first') + rule('one.x', 'second') + rule('two.x', 'main'),
    );
    await writeFile(at('a.d/20.conf'), rule('two.x', 'a20') + rule('three.x', 'a20'));
    await writeFile(
      at('a.d/10.conf'),
      rule('two.x', 'a10') + rule('three.x', 'a10') + rule('four.x', 'a10'),
    );
    await writeFile(at('a.d/99.conf.bak'), 'not toml at all =');
    await writeFile(at('b.d/00.conf'), rule('three.x', 'b00'));
    await writeFile(at('own/containers/registries.conf'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are laid over each other: drop-ins by name, the folders in order', async () => {
    const rules = await readRegistryRules(paths);
    const found = Object.fromEntries(rules.map(({ prefix, location }) => [prefix, location]));
    expect(found).toEqual({ 'one.x': 'first', 'two.x': 'a20', 'three.x': 'b00', 'four.x': 'a10' });
    expect(rules.find(({ prefix }) => prefix === 'three.x')?.origin).toBe(
      join(folder, 'b.d/00.conf'),
    );
  });

  it('may be absent unless one is named', async () => {
    const file = join(folder, 'absent.conf');
    expect(await readRegistryRules({ file, named: false, folders: [] })).toEqual([]);
    const error = await failureOf(readRegistryRules({ file, named: true, folders: [] }));
    expect(error).toMatchObject({ code: 'E_POLICY', place: file });
  });

  it.each([
    ['a folder', () => folder],
    ['a file without end', () => '/dev/zero'],
  ])('cannot be %s', async (_, file) => {
    const error = await failureOf(readRegistryRules({ file: file(), named: true, folders: [] }));
    expect(error).toMatchObject({ code: 'E_POLICY', place: file() });
  });

  it('cannot be too large', async () => {
    const file = join(folder, 'large.conf');
    await writeFile(file, '#'.repeat(1024 * 1024 + 1));
    expect(
      (await failureOf(readRegistryRules({ file, named: true, folders: [] }))).message,
    ).toContain('too large');
    await writeFile(file, '#'.repeat(1024 * 1024));
    expect(await readRegistryRules({ file, named: true, folders: [] })).toEqual([]);
  });

  it('are found as the environment says', async () => {
    const own = join(folder, 'own');
    const system = '/etc/containers/registries.conf';
    expect(
      await registriesPaths({ CONTAINERS_REGISTRIES_CONF: '/x.conf', XDG_CONFIG_HOME: own }),
    ).toEqual({
      file: '/x.conf',
      named: true,
      folders: [`${system}.d`, join(own, 'containers/registries.conf.d')],
    });
    expect(await registriesPaths({ CONTAINERS_REGISTRIES_CONF: '', XDG_CONFIG_HOME: own })).toEqual(
      {
        file: join(own, 'containers/registries.conf'),
        named: false,
        folders: [join(own, 'containers/registries.conf.d')],
      },
    );
    expect(await registriesPaths({ XDG_CONFIG_HOME: join(folder, 'nobody') })).toMatchObject({
      file: system,
      folders: [`${system}.d`, join(folder, 'nobody/containers/registries.conf.d')],
    });
  });
});
