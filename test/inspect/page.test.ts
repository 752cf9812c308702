/** The page of `inspect --html` in a real browser. */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { Inspection } from '../../src/index.ts';
import { CHROMIUM_NEEDS, type Page, withPage } from '../support/chromium.ts';
import { loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

/** What would run, load or show something if it were taken for markup. */
const HOSTILE = [
  '</script><script>window.hacked = 1</script>',
  '<!--<script>',
  '<img src=x onerror="window.hacked = 2">',
  '"><svg onload=window.hacked=3>',
  "' onmouseover='window.hacked=4",
  '&lt;b&gt;',
  'new\nline',
  'bell\x07\x1b[31m',
  '\u202egnp.exe',
  '\u2028',
  '$'.concat('{window.hacked=5}'),
];
const WITHOUT_GPU = ['--headless', '--no-sandbox', '--disable-gpu'];

const deep = useWorkFolder();
it('is written of a tree of any depth', async () => {
  const { build, inspectImage } = await loadLibrary();
  await writeFile(deep('deep.tar'), tar([{ path: `${'d/'.repeat(2000)}file`, body: 'x' }]));
  const image = deep('deep.erofs');
  await build({ source: `tar:${deep('deep.tar')}`, output: image, threads: 0 });
  await inspectImage(image, { html: deep('deep.html') });
  expect((await readFile(deep('deep.html'), 'utf8')).endsWith('</html>\n')).toBe(true);
});

describeWith(CHROMIUM_NEEDS, 'the page', () => {
  const path = useWorkFolder();
  let count = 0;

  /** The page of an image of these items. */
  const pageOf = async (
    items: readonly TarItem[],
  ): Promise<{ file: string; result: Inspection }> => {
    const { build, inspectImage } = await loadLibrary();
    const [archive, image] = [path(`${++count}.tar`), path(`${count}.erofs`)];
    await writeFile(archive, tar(items));
    await build({ source: `tar:${archive}`, output: image, threads: 1, timestamp: 5 });
    const file = path(`${count}.html`);
    return { file, result: await inspectImage(image, { html: file }) };
  };
  const show = <T>(file: string, use: (page: Page) => Promise<T>) =>
    withPage(pathToFileURL(file).href, use);

  const SAMPLE: readonly TarItem[] = [
    { path: 'large/inner/a.so', body: Buffer.alloc(40_000, 'a') },
    { path: 'large/inner/b.so.1', body: Buffer.alloc(30_000, 'b') },
    { path: 'large/c.png', body: Buffer.alloc(20_000, 'c') },
    { path: 'medium/d.png', body: Buffer.alloc(15_000, 'd') },
    { path: 'medium/copy.png', body: Buffer.alloc(15_000, 'd') },
    { path: 'small', body: Buffer.alloc(5000, 'e') },
  ];

  it('has the numbers of the inspection once its script has run', async () => {
    const { file, result } = await pageOf(SAMPLE);
    const { stdout } = await run('chromium', [
      ...WITHOUT_GPU,
      '--dump-dom',
      pathToFileURL(file).href,
    ]);
    const dom = stdout.toString();
    expect(dom).toContain(`${result.counts.names} names, Linux 5.4 or later`);
    for (const bytes of Object.values(result.space).filter((value) => value > 0)) {
      expect(dom).toContain(`<data value="${bytes}">`);
    }
    for (const { path: name, size } of result.largestFiles) {
      expect(dom).toContain(`<th scope="row">${name}</th>`);
      expect(dom).toContain(`<data value="${size}">`);
    }
    // What only the script makes: the map, and its table of the topmost directory.
    const [large, medium] = ['/large', '/medium'].map(
      (name) => result.largestDirectories.find((folder) => folder.path === name)!,
    );
    expect(dom).toMatch(
      new RegExp(`<button type="button">large/</button></th><td><data value="${large!.size}">`),
    );
    expect(dom).toContain(`<data value="${medium!.stored}">`);
    expect(dom.match(/class="tile /g)!.length).toBeGreaterThanOrEqual(8);
  });

  it('can be used by keyboard, and complains of nothing', async () => {
    const { file } = await pageOf(SAMPLE);
    await show(file, async (page) => {
      const focused = () => page.evaluate<string>('document.activeElement.ariaLabel');
      const path = () => page.evaluate<string>('document.querySelector("nav").innerText');
      await page.press('Tab');
      await page.press('Tab');
      expect(await focused()).toMatch(/^large, 8[78]\.\d KiB$/);
      await page.press('ArrowRight');
      expect(await focused()).toMatch(/^medium, /);
      expect(await page.evaluate('document.querySelector(".told").innerText')).toMatch(
        /^\/medium: 17\.\d KiB in the image, 29\.3 KiB of content$/,
      );
      await page.press('ArrowLeft');
      await page.press('Enter');
      expect((await path()).split('\n')).toEqual(['/', 'large']);
      expect(await focused()).toMatch(/^inner, /);
      await page.press('Escape');
      expect(await path()).toBe('/');
      expect(page.complaints).toEqual([]);
    });
  });

  it('covers its map with what is in the directory, by size', async () => {
    const { file, result } = await pageOf(SAMPLE);
    const areas = await show(file, (page) =>
      page.evaluate<Record<string, number>>(`Object.fromEntries(
        [...document.querySelectorAll('.depth-1')].map((tile) =>
          [tile.title.split('\\n')[0], tile.clientWidth * tile.clientHeight]))`),
    );
    const stored = (name: string) =>
      result.largestDirectories.find((folder) => folder.path === `/${name}`)!.stored;
    const ratio = areas.large! / areas.medium!;
    expect(Math.abs(ratio / (stored('large') / stored('medium')) - 1)).toBeLessThan(0.05);
  });

  it('takes names for names, whatever is in them', async () => {
    const items = HOSTILE.map((name): TarItem => {
      return { path: `${name.replaceAll('/', '∕')}.${name}/f`, body: Buffer.alloc(9000, 'x') };
    });
    const { file } = await pageOf([
      ...items,
      ...HOSTILE.map((name): TarItem => ({ path: name, body: Buffer.alloc(9000, name) })),
      { path: Buffer.from('\xff\xfe.\xff', 'latin1'), body: Buffer.alloc(9000, 'y') },
    ]);
    const text = await readFile(file, 'utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(text.match(/<script/g)).toHaveLength(2);
    await show(file, async (page) => {
      expect(await page.evaluate('typeof window.hacked')).toBe('undefined');
      expect(await page.evaluate('document.querySelectorAll("script").length')).toBe(2);
      expect(await page.evaluate('document.querySelectorAll("img, svg[onload], b").length')).toBe(
        0,
      );
      const shown = await page.evaluate<string>('document.body.innerText');
      expect(shown).toContain('<img src=x onerror="window.hacked = 2">');
      expect(shown).toContain('\\u{202e}gnp.exe');
      expect(shown).toContain('\\xff\\xfe.\\xff');
      expect(page.complaints).toEqual([]);
    });
  });

  it('stays small for very many files', async () => {
    const items = Array.from({ length: 120_000 }, (_, index): TarItem => {
      return { path: `d${index % 400}/e${index % 7}/file-${index}`, body: `${index}` };
    });
    const { file, result } = await pageOf(items);
    expect(result.counts.types.file?.count).toBe(120_000);
    expect((await stat(file)).size).toBeLessThan(600_000);
    await show(file, async (page) => {
      expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(8_000);
      expect(await page.evaluate('document.querySelectorAll(".tile").length')).toBeGreaterThan(400);
      expect(page.complaints).toEqual([]);
    });
  });
});
