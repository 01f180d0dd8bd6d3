import type { Check } from '../check.ts';

/** The launcher sees to it; this is for who starts main.ts in another way. */
export const node: Check = {
  id: 'node',
  title: 'Node',
  needs: [],
  async run({ node: version }) {
    const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
    if (major > 24 || (major === 24 && minor >= 12)) return [{ state: 'ok', text: version }];
    return [
      {
        state: 'fault',
        text: `expected Node 24.12 or newer; this is ${version}`,
        remedy: 'start the program with ./allod, which brings its own',
      },
    ];
  },
};
