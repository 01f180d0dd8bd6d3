import type { ImageRecipe } from '../../model/image.ts';

export const UID = 10300;

/** The portal's program for Node, and what it gives to browsers. */
export const image: ImageRecipe = {
  name: 'portal',
  // The second is what Node's own binary is linked with.
  packages: ['ca-certificates', 'libstdc++6'],
  users: [{ name: 'allod-portal', uid: UID, home: '/nonexistent' }],
  files: {},
  programs: {
    node: { '/usr/lib/allod/portal.mjs': 'src/portal/main.ts' },
    browser: {
      '/usr/share/allod/web': {
        sign: 'src/portal/browser/sign.ts',
        console: 'src/console/main.tsx',
      },
    },
  },
  run: [],
};
