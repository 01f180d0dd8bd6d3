import type { Context, Row } from './row.ts';
import { median, medianRatio } from './statistics.ts';

const ROUNDS = 3;

export const warm: Row = {
  name: 'warm',
  title: '`up` after `down`',
  target: '≤ 1.5× podman alone: the same YAML files, one after the other, until the slowest app answers',
  needs: [],
  usesHost: true,
  async run(context) {
    const { site, say } = context;
    await site.ensureUp();
    const up: number[] = [];
    const alone: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await site.allod('down');
      up.push((await site.allod('up')).ms);
      alone.push(await playAlone(context));
      await site.ensureUp();
      say(`round ${round} of ${ROUNDS}: up ${seconds(up)} s, podman alone ${seconds(alone)} s`);
    }
    return [
      { what: '`up`, all services healthy', value: median(up) / 1000, unit: 's' },
      { what: 'podman alone, all apps answer', value: median(alone) / 1000, unit: 's' },
      { what: '`up` : podman alone', value: medianRatio(up, alone), unit: '×', limit: { atMost: 1.5 } },
    ];
  },
};

/**
 * ms that podman needs to play what `up` plays: without a daemon, and with network, packet filter and
 * rendered files in place.
 */
async function playAlone({ site, podman }: Context): Promise<number> {
  const pods = await site.pods();
  await site.leave();
  await podman(['pod', 'rm', '--force', '--time', '10', ...pods.map(({ name }) => name)]);
  for (const pod of pods) pod.clear();
  const start = performance.now();
  for (const { network, yaml } of pods)
    await podman(['kube', 'play', '--network', network, '-'], { input: yaml });
  await Promise.all(pods.map((pod) => pod.waitUntilServing()));
  return performance.now() - start;
}

function seconds(times: number[]): string {
  return ((times.at(-1) ?? Number.NaN) / 1000).toFixed(1);
}
