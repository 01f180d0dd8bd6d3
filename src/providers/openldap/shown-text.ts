/** Nothing is seen of these where a text is shown, or they turn around what stands beside them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const ALPHABETS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];

/** Small letters of other alphabets that look like Latin ones, alone or as capitals (Unicode Technical Standard 39). */
const LIKE: Record<string, string> = {
  ...{
    а: 'a',
    в: 'b',
    с: 'c',
    ԁ: 'd',
    е: 'e',
    һ: 'h',
    н: 'h',
    і: 'i',
    ј: 'j',
    к: 'k',
    ӏ: 'l',
    м: 'm',
    о: 'o',
    р: 'p',
  },
  ...{ ԛ: 'q', ѕ: 's', т: 't', ѵ: 'v', ԝ: 'w', х: 'x', у: 'y', ү: 'y' },
  ...{
    α: 'a',
    β: 'b',
    ε: 'e',
    η: 'h',
    ι: 'i',
    κ: 'k',
    μ: 'm',
    ν: 'n',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'y',
    χ: 'x',
    ζ: 'z',
  },
};

/** Everything that is wrong with a text people see on one line, each in a few words. */
export function textProblems(text: string, most: number): string[] {
  const { length } = [...text];
  if (length === 0) return ['nothing'];
  const unseen = new Set([...text.matchAll(UNSEEN)].map(([sign]) => codeOf(sign)));
  const spaces = new Set([...text.matchAll(/[^\S ]/gu)].map(([sign]) => codeOf(sign)));
  const odd = [...new Set([...unseen, ...spaces])];
  const mixed = text.split(' ').some((word) => ALPHABETS.filter((letters) => letters.test(word)).length > 1);
  return [
    ...(length > most ? [`a length of ${length}`] : []),
    ...(/^\s|\s$/u.test(text) ? ['white space at an end'] : []),
    ...(odd.length > 0 ? [`characters that are not seen (${odd.slice(0, 5).join(', ')})`] : []),
    ...(mixed ? ['letters of two alphabets in one word'] : []),
  ];
}

/** The same for texts that people take for each other: capitals, width, accents apart or composed, letters that look alike. */
export function likeness(text: string): string {
  // Capitals first: ß and SS are one, and so are ı and i.
  const small = text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  return [...small.replaceAll(UNSEEN, '')]
    .map((sign) => LIKE[sign] ?? sign)
    .join('')
    .trim()
    .replaceAll(/\s+/g, ' ');
}

/** Outside text in a message: on one line, not long, and nothing in it unseen. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text).replaceAll(UNSEEN, (sign) => `\\u{${hex(sign)}}`);
  return quoted.length > 60 ? `${quoted.slice(0, 56)}…"` : quoted;
}

function codeOf(sign: string): string {
  return `U+${hex(sign).toUpperCase().padStart(4, '0')}`;
}

function hex(sign: string): string {
  return (sign.codePointAt(0) ?? 0).toString(16);
}
