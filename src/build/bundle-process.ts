import { readFileSync } from 'node:fs';
import type { Programs } from '../model/image.ts';
import { bundle } from './bundle.ts';

/**
 * A process of its own, so that what a bundler needs of memory goes with it. It is given the path of a JSON file with the
 * arguments of {@link bundle}.
 */
const [, , job = ''] = process.argv;
// All of it is read in the image by others than root, whatever the umask of who started this.
process.umask(0o022);
const { programs, home, out } = JSON.parse(readFileSync(job, 'utf8')) as BundleJob;
await bundle(programs, home, out);

export interface BundleJob {
  programs: Programs;
  home: string;
  out: string;
}
