import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from './process-usage.ts';
import type { Row } from './row.ts';

/** Twice the time between two looks at everything, so that a look more or less does not decide. */
const SECONDS = 90;

export const rest: Row = {
  name: 'rest',
  title: `the daemon at rest, for ${SECONDS} s after an \`up\``,
  target: '≤ 1 % of one core, ≤ 120 MB resident',
  needs: [],
  usesHost: true,
  async run({ site, say, signal }) {
    await site.ensureUp();
    const pid = await site.daemon();
    const [start, before] = [performance.now(), usageOf(pid)];
    let resident = before.resident;
    for (let second = 1; second <= SECONDS; second++) {
      await sleep(1000, undefined, { signal });
      resident = Math.max(resident, usageOf(pid).resident);
      if (second % 30 === 0) say(`${second} of ${SECONDS} s`);
    }
    const after = usageOf(pid);
    const part = (seconds: number) => (seconds / ((performance.now() - start) / 1000)) * 100;
    const own = after.own - before.own;
    const children = after.children - before.children;
    return [
      { what: 'processor, the daemon itself', value: part(own), unit: '%', limit: { atMost: 1 } },
      { what: 'processor, with the commands it ran', value: part(own + children), unit: '%' },
      { what: 'resident, the most', value: resident / 2 ** 20, unit: 'MB', limit: { atMost: 120 } },
      { what: 'of it not backed by a file', value: after.anonymous / 2 ** 20, unit: 'MB' },
    ];
  },
};
