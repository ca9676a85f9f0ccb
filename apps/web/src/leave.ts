import { createContext, useContext } from 'react';

/** Shows the sign-in page and forgets what this page held; given in `main.tsx`, where router and cache are made. */
export const LeaveContext = createContext<() => void>(() => {});

export const useLeave = (): (() => void) => useContext(LeaveContext);
