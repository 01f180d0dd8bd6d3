import { exec } from '../util/exec.ts';

/** Labels of every image of ours. */
export const RECIPE_LABEL = 'allod.recipe';
export const SUITE_LABEL = 'allod.suite';
export const TAG_LABEL = 'allod.tag';

export type Env = Record<string, string>;

/** Names of all images of ours on this machine, whichever site made them. */
export async function ourImages(env: Env): Promise<string[]> {
  const format = '{{.Repository}}:{{.Tag}}';
  return lines(
    await exec(['podman', 'images', '--filter', `label=${RECIPE_LABEL}`, '--format', format], { env }),
  );
}

/** Gives `use` the path of an image's root, read only. */
export async function withMounted<T>(ref: string, env: Env, use: (root: string) => Promise<T>): Promise<T> {
  const root = (await exec(['podman', 'image', 'mount', ref], { env })).trim();
  try {
    return await use(root);
  } finally {
    await exec(['podman', 'image', 'umount', ref], { env }).catch(() => {}); // gone with its image, or at the next boot
  }
}

export async function graphRoot(env: Env): Promise<string> {
  return (await exec(['podman', 'info', '--format', '{{.Store.GraphRoot}}'], { env })).trim();
}

export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
