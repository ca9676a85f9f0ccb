/** The stage of every screen: the assembled suite, its pages, and people who have signed in. */
export { type Actor, openStage, type Stage } from '@liaison/tests/stage';
