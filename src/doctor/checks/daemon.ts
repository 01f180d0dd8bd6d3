import type { Check } from '../check.ts';

export const daemon: Check = {
  id: 'daemon',
  title: 'Daemon',
  needs: ['root'],
  async run(context) {
    const answer = await context.askDaemon();
    if (answer) return [{ state: 'ok', text: `answers (pid ${answer.pid})` }];
    return [
      {
        state: 'warning',
        text: 'does not run, so nothing keeps the site true',
        remedy: './allod up starts it',
      },
    ];
  },
};
