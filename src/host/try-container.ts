import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec } from '../util/exec.ts';

/**
 * Starts one container, with a memory limit and no network, under the given containers.conf. Its files and
 * all that podman remembers of it stay in a directory of their own that is gone afterwards: under /var/lib,
 * because podman refuses a run root of more than 50 characters and Debian mounts /run without execution.
 * Needs no image: catatonit is one static program. Throws what podman answers.
 */
export async function tryContainer(containersConf: string): Promise<void> {
  const work = await mkdtemp('/var/lib/allod-try-');
  const at = (name: string): string => join(work, name);
  try {
    await writeFile(at('containers.conf'), containersConf);
    await mkdir(at('rootfs'));
    await copyFile('/usr/bin/catatonit', at('rootfs/catatonit'));
    const places = ['--root', at('root'), '--runroot', at('runroot'), '--tmpdir', at('tmp')];
    // Without an IPC namespace of its own there is no mount that a kill of this process would leave behind.
    const small = ['--rm', '--network', 'none', '--ipc', 'none', '--memory', '32m'];
    await exec(
      [
        'podman',
        ...places,
        '--storage-driver',
        'vfs',
        'run',
        ...small,
        '--rootfs',
        at('rootfs'),
        '/catatonit',
        '-V',
      ],
      {
        env: { CONTAINERS_CONF: at('containers.conf') },
        timeout: 30_000,
      },
    );
  } finally {
    // conmon has podman clean up once more after `podman run` has ended, which makes these directories anew.
    for (let turn = 0; turn < 100 && (await isInUse(work)); turn++) await sleep(50);
    await rm(work, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Whether the command line of any process names it. */
async function isInUse(path: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).some((line) => line.includes(path));
}
