import type { WebModule } from '@liaison/core/web';

/** The namespace in which the words of a module's places in the rail are. */
export const navNamespace = ({ name, navStrings }: WebModule): string => (navStrings ? `${name}-nav` : name);
