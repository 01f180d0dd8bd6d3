/** Asks on the terminal for a line that nobody shall see; undefined where there is no terminal, or it was left. */
export async function askHidden(prompt: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return undefined;
  stderr.write(prompt);
  stdin.setRawMode(true); // the terminal shows nothing of what is typed, and hands over each key
  stdin.setEncoding('utf8').resume();
  try {
    return await new Promise<string | undefined>((resolve) => {
      let line = '';
      stdin.on('data', (keys: string) => {
        for (const key of keys) {
          if (key === '\r' || key === '\n') return resolve(line);
          if (key === '\x03' || key === '\x04') return resolve(undefined); // ^C, ^D
          if (key === '\x7f' || key === '\b') line = [...line].slice(0, -1).join('');
          else if (key === '\x15')
            line = ''; // ^U
          else line += key;
        }
      });
    });
  } finally {
    stdin.removeAllListeners('data');
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
