import { readFile } from 'node:fs/promises';
import type { Check } from '../check.ts';

export const memory: Check = {
  id: 'memory',
  title: 'Memory limits',
  needs: [],
  async run() {
    const [v2, v1] = await Promise.all(
      ['/sys/fs/cgroup/cgroup.controllers', '/proc/cgroups'].map((path) =>
        readFile(path, 'utf8').catch(() => ''),
      ),
    );
    if (hasMemoryController(v2 ?? '', v1 ?? ''))
      return [{ state: 'ok', text: 'the kernel can limit the memory of a service' }];
    return [
      {
        state: 'fault',
        text: 'the kernel cannot limit the memory of a service, so one could take all of it',
        evidence: 'no memory controller in /sys/fs/cgroup/cgroup.controllers or /proc/cgroups',
        remedy:
          'add cgroup_enable=memory to the kernel command line (cmdline.txt on a Raspberry Pi) and reboot',
      },
    ];
  },
};

/** From cgroup.controllers of version 2, or the table of version 1, where the last column is "enabled". */
export function hasMemoryController(controllers: string, table: string): boolean {
  return controllers.split(/\s+/).includes('memory') || /^memory\s+[1-9]\d*\s+\d+\s+1$/m.test(table);
}
