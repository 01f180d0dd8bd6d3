/**
 * What to write in place of an unquoted value that YAML 1.1 and 1.2 read differently: other tools
 * that read the site file would see another value than we do.
 */
export function ambiguity(plain: string): string | undefined {
  if (plain.length > 40) return undefined;
  const quoted = JSON.stringify(plain);
  if (/^(y|yes|on)$/i.test(plain)) return `${quoted} in quotes for text, or true`;
  if (/^(n|no|off)$/i.test(plain)) return `${quoted} in quotes for text, or false`;
  if (/^[-+]?0[0-9_]+$/.test(plain)) return `${quoted} in quotes for text, or a number without the leading 0`;
  if (/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(plain)) return `${quoted} in quotes`;
  if (/^[-+]?[0-9][0-9_]*_[0-9_]*$/.test(plain))
    return `${quoted} in quotes for text, or ${plain.replaceAll('_', '')}`;
  return undefined;
}
