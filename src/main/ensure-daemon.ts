import type { Layout } from '../model/layout.ts';
import { call } from '../server/client.ts';
import { daemonVersion } from './daemon-version.ts';
import { codeVersion } from './version.ts';

/**
 * Has a daemon of this code look after the site: starts one where none answers, replaces one of older code.
 * `secret`: variables of this process that it is not started with.
 */
export async function ensureDaemon(layout: Layout, domain: string, secret: string[]): Promise<void> {
  const version = await daemonVersion(layout);
  if (version === codeVersion()) return;
  const replaces = version !== undefined;
  if (replaces) await call(layout.socket, 'leave', {});
  const { startDaemonProcess } = await import('./start-daemon.ts');
  await startDaemonProcess(layout, domain, { replaces, secret });
}
