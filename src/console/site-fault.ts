/** A fault of the site file with its place. */
export interface SiteFault {
  /** 1, 2, 3 …; absent where it is of no one line. */
  line?: number;
  text: string;
}

/** `site.yaml:9:3 services.contact: expected …`, as the program tells faults. */
export function siteFaultOf(text: string): SiteFault {
  const [, line] = /^[^\s:]+:(\d+):\d+\s/.exec(text) ?? [];
  return line === undefined ? { text } : { line: Number(line), text };
}
