import { writeFileSync } from 'node:fs';
import { generatedSite } from './generated-site.ts';
import type { Context, Figure, PlanTimes, Row } from './row.ts';
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
  run: (context) => planFigures(context, SIZES, context.planInProcess),
};

/** Figures of plans of generated sites: sizes from the smallest to the largest, in services. */
export async function planFigures(
  { directory, say }: Context,
  sizes: number[],
  planInProcess: Context['planInProcess'],
): Promise<Figure[]> {
  const times = new Map<number, PlanTimes[]>(sizes.map((size) => [size, []]));
  for (const size of sizes) writeFileSync(fileOf(directory, size), generatedSite(size));
  for (let round = 1; round <= ROUNDS; round++) {
    say(`plans, round ${round} of ${ROUNDS}`);
    for (const [size, list] of times) list.push(await planInProcess(fileOf(directory, size)));
  }
  const figures = [...times].map(([size, list], i): Figure => {
    const what = `${size.toLocaleString('en')} services, ${(list[0]?.changes ?? 0).toLocaleString('en')} changes`;
    const value = median(list.map(({ ms }) => ms));
    return { what, value, unit: 'ms', ...(i === 0 ? { limit: { below: 1000 } } : {}) };
  });
  const [least = Number.NaN, most = Number.NaN] = [sizes[0], sizes.at(-1)];
  const [small = Number.NaN, large = Number.NaN] = [figures[0]?.value, figures.at(-1)?.value];
  const memory = median((times.get(most) ?? []).map((one) => one.memory)) / 2 ** 20;
  return [
    ...figures,
    {
      what: `time for each service, ${most.toLocaleString('en')} : ${least.toLocaleString('en')}`,
      value: large / most / (small / least),
      unit: '×',
      limit: { atMost: 1.2 },
    },
    { what: `memory for ${most.toLocaleString('en')}`, value: memory, unit: 'MB' },
  ];
}

export function fileOf(directory: string, services: number): string {
  return `${directory}/${services}-services.yaml`;
}
