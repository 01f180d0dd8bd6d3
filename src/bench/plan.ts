import { writeFileSync } from 'node:fs';
import { generatedSite } from './generated-site.ts';
import type { PlanTimes, Row } from './row.ts';
import { median } from './statistics.ts';

const SIZES = [1000, 2000, 4000];
const ROUNDS = 3;

/** The pure part of `plan`: from the text of the site file to the changes. Each time in a new process. */
export const plan: Row = {
  name: 'plan',
  title: '`plan` of a generated site',
  target: '1,000 services < 1 s, linear up to 4,000',
  needs: [],
  usesHost: false,
  async run({ directory, planInProcess, say }) {
    const files = SIZES.map((size) => {
      const file = `${directory}/${size}-services.yaml`;
      writeFileSync(file, generatedSite(size));
      return file;
    });
    const times: PlanTimes[][] = SIZES.map(() => []);
    for (let round = 1; round <= ROUNDS; round++) {
      say(`round ${round} of ${ROUNDS}`);
      for (const [i, file] of files.entries()) times[i]?.push(await planInProcess(file));
    }
    const ms = times.map((list) => median(list.map((one) => one.ms)));
    const [small = Number.NaN, , large = Number.NaN] = ms;
    return [
      ...SIZES.map((size, i) => ({
        what: `${size.toLocaleString('en')} services, ${(times[i]?.[0]?.changes ?? 0).toLocaleString('en')} changes`,
        value: ms[i] ?? Number.NaN,
        unit: 'ms' as const,
        ...(i === 0 ? { limit: { below: 1000 } } : {}),
      })),
      {
        what: 'time for each service, 4,000 : 1,000',
        value: large / small / 4,
        unit: '×',
        limit: { atMost: 1.2 },
      },
      {
        what: 'memory for 4,000',
        value: median((times[2] ?? []).map((t) => t.memory)) / 2 ** 20,
        unit: 'MB',
      },
    ];
  },
};
