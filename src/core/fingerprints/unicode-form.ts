import type { Candidate, Family } from './candidate.ts';

/** Serving is the training text in another Unicode form, without accents, or UTF-8 read as Latin-1. */
export const unicodeForm: Family = {
  family: 'unicode',
  candidates(_pairs, context) {
    if (context.kind === 'numeric' || context.kind === 'timestamp') return [];
    return WAYS.map(
      ([said, change]): Candidate => ({
        name: 'unicode',
        parameters: `serving = training ${said}`,
        parameterBits: 4,
        predict: ({ training }) => (typeof training === 'string' ? change(training) : undefined),
      }),
    );
  },
};

const MARKS = /\p{M}/gu;
const NOT_ASCII = /\P{ASCII}/gu;
const WAYS = [
  ['in normalisation form C', (text: string) => text.normalize('NFC')],
  ['in normalisation form D', (text: string) => text.normalize('NFD')],
  ['in normalisation form KC', (text: string) => text.normalize('NFKC')],
  ['in normalisation form KD', (text: string) => text.normalize('NFKD')],
  ['without accents', (text: string) => text.normalize('NFD').replaceAll(MARKS, '')],
  ['with every letter outside ASCII as ?', (text: string) => text.replaceAll(NOT_ASCII, '?')],
  ['without letters outside ASCII', (text: string) => text.replaceAll(NOT_ASCII, '')],
  ['with UTF-8 read as Latin-1', utf8AsLatin1],
] as const;

/** The bytes of the UTF-8 form, each taken for a character. Computed here: the core has no encoders. */
function utf8AsLatin1(text: string): string {
  return [...text].map((character) => String.fromCharCode(...utf8(character.codePointAt(0) ?? 0))).join('');
}

function utf8(code: number): number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), tail(code)];
  if (code < 0x10000) return [0xe0 | (code >> 12), tail(code >> 6), tail(code)];
  return [0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code)];
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}
