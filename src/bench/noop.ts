import type { UpAnswer } from '../server/api.ts';
import type { Row } from './row.ts';
import { differences, snapshot } from './snapshot.ts';
import { median } from './statistics.ts';

const ROUNDS = 7;

/** Of the state, what services write by themselves at any time: databases in their volumes. */
const OF_SERVICES = ['volumes'];

export const noop: Row = {
  name: 'noop',
  title: '`up` with nothing to do',
  target: '< 1 s, no write, no restart',
  needs: [],
  usesHost: true,
  async run({ site, podman, say }) {
    await site.ensureUp();
    const containers = () =>
      podman(['ps', '--all', '--sort', 'names', '--format', '{{.ID}} {{.Pid}} {{.StartedAt}}']);
    const before = { files: snapshot(site.state, OF_SERVICES), containers: await containers() };
    const times: number[] = [];
    let made = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      say(`round ${round} of ${ROUNDS}`);
      const { ms, stdout } = await site.allod('up', '--json');
      times.push(ms);
      made += (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as UpAnswer).made;
    }
    const written = differences(before.files, snapshot(site.state, OF_SERVICES));
    for (const path of written) say(`was written: ${path}`);
    return [
      { what: 'time, the whole command', value: median(times), unit: 'ms', limit: { below: 1000 } },
      { what: 'changes made', value: made, unit: '', limit: { atMost: 0 } },
      { what: 'files of the state written', value: written.length, unit: '', limit: { atMost: 0 } },
      {
        what: 'containers started anew',
        value: restarted(before.containers, await containers()),
        unit: '',
        limit: { atMost: 0 },
      },
    ];
  },
};

/** Lines of the one listing that are not in the other. */
function restarted(before: string, after: string): number {
  const known = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !known.has(line)).length;
}
