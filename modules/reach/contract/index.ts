export * from './api.ts';
export { type FindNumbers, type FoundNumber, loadNumberFinder } from './find-numbers.ts';
export * from './numbers.ts';
export * from './reachability.ts';
export { mayHoldNumber } from './scan-digits.ts';
export { type WrittenDigits, writtenDigits } from './written-digits.ts';
