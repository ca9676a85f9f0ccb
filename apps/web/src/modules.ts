import type { WebModule } from '@liaison/core/web';

/** The modules of this suite, in the order of their providers: the outermost first. */
export const modules: readonly WebModule[] = [];
