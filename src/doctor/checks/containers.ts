import { messageOf } from '../../util/errors.ts';
import type { Check } from '../check.ts';

export const containers: Check = {
  id: 'containers',
  title: 'Containers',
  needs: ['root', 'packages'],
  async run(context) {
    try {
      return [
        { state: 'ok', text: `a container with a memory limit starts: ${await context.startContainer()}` },
      ];
    } catch (error) {
      return [
        {
          state: 'fault',
          text: 'no container can be started',
          evidence: messageOf(error),
          remedy: 'inside another container or a small virtual server, ask for nesting or a full machine',
        },
      ];
    }
  },
};
