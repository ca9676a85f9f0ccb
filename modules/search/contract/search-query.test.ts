import { describe, expect, it } from 'vitest';
import { mostQueryWords, parseQuery, type SearchQuery } from './search-query.ts';

const empty: SearchQuery = {
  words: [],
  isTyping: false,
  phrases: [],
  without: [],
  from: [],
  places: [],
  types: [],
  before: null,
  after: null,
  numbers: [],
};

describe('a question', () => {
  it.each<[string, Partial<SearchQuery>]>([
    ['', {}],
    ['   ', {}],
    ['Budget', { words: ['budget'], isTyping: true }],
    ['Budget ', { words: ['budget'] }],
    ['Réunion À São Paulo', { words: ['reunion', 'a', 'sao', 'paulo'], isTyping: true }],
    ['l’eau', { words: ['l', 'eau'], isTyping: true }],
    ['"port study"', { phrases: [['port', 'study']] }],
    ['"port study', { phrases: [['port', 'study']] }],
    ['"port"', { words: ['port'] }],
    ['budget -draft', { words: ['budget'], without: ['draft'] }],
    ['-draft', { without: ['draft'] }],
    ['from:ines budget', { from: ['ines'], words: ['budget'], isTyping: true }],
    ['de:"Inès Carvalhal" type:fichier', { from: ['Inès Carvalhal'], types: ['fichier'] }],
    ['in:"Port study" dans:ventes', { places: [['port', 'study'], ['ventes']] }],
    ['before:2026-01-31 après:2025-12-01', { before: '2026-01-31', after: '2025-12-01' }],
    ['before:2026-02-31', { words: ['before', '2026', '02', '31'] }],
    ['before:soon', { words: ['before', 'soon'] }],
    ['from:', { words: ['from'] }],
    ['from: ines', { words: ['from', 'ines'], isTyping: true }],
    ['from:!!', { words: ['from'] }],
    ['https://example.org/a', { words: ['https', 'example', 'org', 'a'], isTyping: true }],
    ['note:x', { words: ['note', 'x'], isTyping: true }],
    ['+351 21 000 00 00', { numbers: ['+351 21 000 00 00'] }],
    ['Jean 06 12 34 56 78 devis', { words: ['jean', 'devis'], numbers: ['06 12 34 56 78'], isTyping: true }],
    ['(0)6.12.34.56.78', { numbers: ['(0)6.12.34.56.78'] }],
    ['(+33) 4 91 22 33', { numbers: ['(+33) 4 91 22 33'] }],
    ['(04 91 22 33 44)', { numbers: ['04 91 22 33 44'] }],
    ['030 / 12 34 56', { numbers: ['030 / 12 34 56'] }],
    ['04 91 22 33 44 / 06 12 34 56 78', { numbers: ['04 91 22 33 44', '06 12 34 56 78'] }],
    ['０３－１２３４－５６７８', { numbers: ['０３－１２３４－５６７８'] }],
    ['電話03-1234-5678', { words: ['電話'], numbers: ['03-1234-5678'] }],
    ['room 204', { words: ['room', '204'], isTyping: true }],
    ['v0491223344', { words: ['v0491223344'], isTyping: true }],
    ['in:0612345678 -0612345678', { places: [['0612345678']], without: ['0612345678'] }],
    ['2026-01-31', { words: ['2026', '01', '31'], isTyping: true }],
    ["a & b | !c:* (d) <-> e\\'", { words: ['a', 'b', 'c', 'd', 'e'] }],
    ['%_', {}],
    ['\u0000', {}],
    ['"', {}],
    ['-', {}],
  ])('%j', (typed, meant) => {
    expect(parseQuery(typed)).toEqual({ ...empty, ...meant });
  });

  it('has so many words, and each so many letters', () => {
    const many = parseQuery(Array.from({ length: 60 }, (_, at) => `w${at}`).join(' '));
    expect(many.words).toHaveLength(mostQueryWords);
    expect(parseQuery('x'.repeat(200)).words[0]).toHaveLength(40);
    expect(parseQuery(`e${'\u0301'.repeat(199)}`).words).toEqual(['e']);
    const halves = parseQuery(`${'\ud83d'.repeat(50)}a\udc00b`);
    expect(halves.words.every((word) => word.isWellFormed())).toBe(true);
  });
});
