import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
    const container = ['--conmon-pidfile', at('conmon.pid'), '--rootfs', at('rootfs'), '/catatonit', '-V'];
    await exec(['podman', ...places, '--storage-driver', 'vfs', 'run', ...small, ...container], {
      env: { CONTAINERS_CONF: at('containers.conf') },
      timeout: 30_000,
    });
  } finally {
    await ended(at('conmon.pid'), work);
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Waits, for ten seconds at most, until the monitor of the container has ended, which names `work` in its arguments. It
 * outlives the command by `podman container cleanup`, which would make anew what is removed meanwhile.
 */
async function ended(pidFile: string, work: string): Promise<void> {
  const pid = await readFile(pidFile, 'utf8').catch(() => undefined); // none was started
  for (let n = 0; pid && n < 500; n++) {
    if (!(await readFile(`/proc/${pid.trim()}/cmdline`, 'utf8').catch(() => '')).includes(work)) return;
    await sleep(20);
  }
}
