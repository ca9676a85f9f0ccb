export * from './content.ts';
export { type ContentRead, followContent, readAllContent } from './follow-content.ts';
export * from './index-content.ts';
