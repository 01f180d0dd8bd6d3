import type { Check } from '../check.ts';

export const secrets: Check = {
  id: 'secrets',
  title: 'Secrets',
  needs: ['root'],
  async run(context) {
    const lock = await context.askSecrets();
    if (!lock || lock.state === 'new') return [{ state: 'ok', text: 'none yet' }];
    if (lock.state === 'sealed') {
      const [text = '', remedy = ''] = (lock.reason ?? '').split('; try ');
      return [{ state: 'warning', text, remedy }];
    }
    if (lock.method === 'passphrase') return [{ state: 'ok', text: 'opened by a passphrase' }];
    return [
      {
        state: 'ok',
        text: 'opened by a key file on this machine, which gives no protection against theft',
        remedy:
          'unseal: passphrase below secrets: in the site file protects a stolen disk; a person then opens each start',
      },
    ];
  },
};
