export {
  type ContentLine,
  formatLine,
  isLineName,
  type LineParameter,
  maxLineParameters,
  parseLine,
} from './line.ts';
export { escapeText, splitEscaped, unescapeText } from './text.ts';
export { type UnfoldedLine, Unfolder } from './unfold.ts';
