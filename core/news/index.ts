export * from './deliverer.ts';
export * from './news.ts';
