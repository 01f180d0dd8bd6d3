import { writeFileSync } from 'node:fs';
import { exec } from '../util/exec.ts';
import type { Context, Row } from './row.ts';

export const cold: Row = {
  name: 'cold',
  title: 'first `up`: no image, no package, no list is there',
  target: '≤ 1.0× plain mmdebstrap runs for the same package sets, one after the other',
  needs: [],
  usesHost: true,
  async run(context) {
    const { site } = context;
    await site.forget();
    const up = (await site.allod('up')).ms;
    const plain = await plainRuns(context);
    return [
      { what: '`up`, images built and all services healthy', value: up / 1000, unit: 's' },
      { what: 'mmdebstrap alone', value: plain / 1000, unit: 's' },
      { what: '`up` : mmdebstrap alone', value: up / plain, unit: '×', limit: { atMost: 1 } },
    ];
  },
};

/** ms for one root file system after the other, each downloaded, installed and packed, and then thrown away. */
async function plainRuns({ directory, site, debian, say, signal }: Context): Promise<number> {
  const sets = await site.packageSets();
  const { suite, sources, options } = await debian();
  const file = `${directory}/plain.sources`;
  writeFileSync(file, sources);
  const aptopts = options.map((option) => `--aptopt=${option}`);
  const start = performance.now();
  for (const [i, packages] of sets.entries()) {
    say(`mmdebstrap ${i + 1} of ${sets.length}: ${packages.join(', ')}`);
    const include = `--include=${packages.join(',')}`;
    const argv = ['--variant=apt', '--mode=root', '--format=tar', ...aptopts, include];
    await exec(['mmdebstrap', ...argv, suite, '/dev/null', file], { signal });
  }
  return performance.now() - start;
}
