import type { Check } from '../check.ts';

export const root: Check = {
  id: 'root',
  title: 'Root',
  needs: [],
  async run({ uid }) {
    if (uid === 0) return [{ state: 'ok', text: 'runs as root' }];
    return [{ state: 'fault', text: `runs as user ${uid}`, remedy: 'start it with sudo, or as root' }];
  },
};
