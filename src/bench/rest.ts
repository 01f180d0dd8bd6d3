import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from './process-usage.ts';
import type { Context, Figure, Row } from './row.ts';

/** Twice the time between two looks at everything, so that a look more or less does not decide. */
const SECONDS = 90;
/** Services of two containers each, on top of the bench's site. */
const MANY = 12;

export const rest: Row = {
  name: 'rest',
  title: `the daemon at rest, for ${SECONDS} s after an \`up\``,
  target: '≤ 1 % of one core, ≤ 120 MB resident; ≤ 5 MB for each container of a site with many',
  needs: [],
  usesHost: true,
  async run(context) {
    const { site, say, signal } = context;
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
      ...(await ofMany(context)),
    ];
  },
};

/** One daemon serves all containers: what it holds for each of them, where there are many. */
async function ofMany({ site, say, signal, podman }: Context): Promise<Figure[]> {
  await site.upWith(Array.from({ length: MANY }, (_, n) => `family-${n}`));
  say(`${MANY} more services are up`);
  await sleep(40_000, undefined, { signal }); // one look at everything, and what it needed of memory is given back
  const { resident } = usageOf(await site.daemon());
  const names = await podman(['ps', '--format', '{{.Names}}', '--filter', 'label=allod.service']);
  const containers = names.split('\n').filter((name) => name !== '' && !name.includes('-infra')).length;
  await site.upWith([]);
  return [
    { what: `resident, with ${containers} containers`, value: resident / 2 ** 20, unit: 'MB' },
    { what: 'for each container', value: resident / 2 ** 20 / containers, unit: 'MB', limit: { atMost: 5 } },
  ];
}
