import type { Check } from '../check.ts';

export const packages: Check = {
  id: 'packages',
  title: 'Packages',
  needs: [],
  async run(context) {
    const missing = await context.missingPackages();
    if (missing.length === 0) return [{ state: 'ok', text: 'all that is needed of the host is installed' }];
    const names = missing.map(({ name }) => name).join(' ');
    return [
      {
        state: 'fault',
        text: `missing: ${names}`,
        evidence: missing.map(({ name, why }) => `${name} is needed to ${why}`).join('\n'),
        remedy: `./allod up installs them, or: apt-get install --no-install-recommends ${names}`,
      },
    ];
  },
};
