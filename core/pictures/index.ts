export { drawPortrait, takePortrait } from './portrait.ts';
