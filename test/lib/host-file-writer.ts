import type { HostFile } from '../../src/model/host-file.ts';
import { hostFilesProvider } from '../../src/providers/host-files/provider.ts';
import { openState } from '../../src/reconcile/state.ts';

/** Writes one file as the daemon does, in a process that may be killed: STATE_DB VALUE FILE, the last as JSON. */
const [database = '', value = '', json = ''] = process.argv.slice(2);
const file = JSON.parse(json) as HostFile;
const state = openState(database);
const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const provider = hostFilesProvider({
  reveal: () => () => value,
  accountOf: () => me,
  groupOf: () => me.gid,
  memory: { read: state.hostFiles, write: state.saveHostFiles },
  log() {},
});
const why = { service: 'site', rule: 'secrets.files', sentence: 'a test' };
await provider.apply(
  {
    ...{ action: 'update', key: `host-files/${file.path}`, kind: 'host-files', name: file.path },
    ...{ service: 'site', why, needs: [], spec: { files: [file] } },
  },
  () => {},
);
