import { fileOf, planFigures } from './plan.ts';
import type { Context, Figure, RenumberStep, Row } from './row.ts';

const SERVICES = 1000;

/** Each step, and the figure it makes. */
const STEPS: [RenumberStep, string][] = [
  ['prepare', 'names of the new addresses, short times to live'],
  ['both', 'to the addresses of both'],
  ['withdraw', 'to the new addresses alone'],
  ['after', 'usual times to live, the old reverse zone gone'],
];

export const renumber: Row = {
  name: 'renumber',
  title: 'a change of provider of a generated site',
  target:
    'plan of 1,000 services < 1 s, linear up to 4,000; each name served ≤ 5 s after; a second look writes nothing',
  needs: [],
  usesHost: true,
  async run(context) {
    return [
      ...(await planFigures(context, [SERVICES, 4 * SERVICES], context.planSwitchInProcess)),
      ...(await zoneFigures(context)),
    ];
  },
};

async function zoneFigures({ directory, renumberStage, say }: Context): Promise<Figure[]> {
  const stage = await renumberStage(fileOf(directory, SERVICES));
  const figures: Figure[] = [];
  let [changes, written] = [0, 0];
  try {
    say(`${(await stage.enter('before')).changes} zones and record sets made`);
    for (const [step, what] of STEPS) {
      const { changes: made, taken, served } = await stage.enter(step);
      const counted = `${what}, ${made.toLocaleString('en')} changes`;
      say(`${counted}: taken after ${Math.round(taken)} ms, served after ${Math.round(served)} ms`);
      figures.push({ what: counted, value: served / 1000, unit: 's', limit: { atMost: 5 } });
      const again = await stage.lookAgain();
      changes += again.changes;
      for (const path of again.written) say(`was written: ${path}`);
      written += again.written.length;
    }
  } finally {
    await stage.close();
  }
  return [
    ...figures,
    { what: 'changes of a second look, all steps', value: changes, unit: '', limit: { atMost: 0 } },
    { what: 'files the server wrote meanwhile', value: written, unit: '', limit: { atMost: 0 } },
  ];
}
