import { stringify } from 'yaml';

/** Text is quoted: to readers of YAML 1.1 a plain `no` or `1:20` is none, to those of 1.2 a plain `0o17`. */
export function writeYaml(data: unknown): string {
  return stringify(data, {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}
