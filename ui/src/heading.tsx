import { createContext, type ReactNode, useContext } from 'react';

type Level = 1 | 2 | 3;

/** How deep the title of this page or pane is. */
const TitleLevel = createContext<Level>(1);

/** What is inside has a title of that level. */
export const UnderTitle = TitleLevel.Provider;

/** One step below the title of the page or pane: a list that fills the screen is the page, and beside one it is not. */
export function Heading({ id, children }: { id?: string; children: ReactNode }) {
  const Tag = `h${(useContext(TitleLevel) + 1) as 2 | 3 | 4}` as const;
  return <Tag id={id}>{children}</Tag>;
}
