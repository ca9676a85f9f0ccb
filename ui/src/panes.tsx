import { IconLayoutSidebar, IconX } from '@tabler/icons-react';
import {
  type CSSProperties,
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';
import { useNarrow } from './narrow.ts';
import classes from './panes.module.css';

/** Where "Skip to the page" leads. */
export const pageId = 'page';

interface PanesView {
  hasList: boolean;
  showList: () => void;
  closeSide?: () => void;
  /** Which of them is the page now: on a telephone the one that fills the screen. */
  main: Pane;
}

type Pane = 'list' | 'page' | 'side';

const PanesContext = createContext<PanesView>({ hasList: false, showList: () => {}, main: 'page' });

/** For headers: whether there is a list to go back to, and how to show it. */
export function usePanes(): PanesView {
  return useContext(PanesContext);
}

export interface PanesProps {
  /** The list column (a `ListPane`). */
  list?: ReactNode;
  /** The page. */
  children: ReactNode;
  /** The column at the end: thread, notes, comments (a `SidePane`). */
  side?: ReactNode;
  /** Which of them a telephone shows; `side` also opens the side over the page below 1200 px. */
  view?: Pane;
  /** Going back to the list on a telephone: change `view` (mostly: the address). */
  onShowList?: () => void;
  onCloseSide?: () => void;
  /** Pixels: 320, or 256, 272, 304, 348 where LOOK says so. */
  listWidth?: number;
  /** Pixels: 320 to 360. */
  sideWidth?: number;
}

/**
 * What a module puts into the shell: list, page and side. Below 1200 px the side closes, below 1000 the list is a
 * drawer, below 700 one of the three fills the screen.
 */
export function Panes({
  list,
  children,
  side,
  view = 'page',
  onShowList,
  onCloseSide,
  listWidth = 320,
  sideWidth = 340,
}: PanesProps) {
  const labels = useLabels();
  const [drawer, setDrawer] = useState(false);
  const narrow = useNarrow();
  const main: Pane = narrow && (view === 'side' || (view === 'list' && list)) ? view : 'page';
  const panes = useMemo(
    () => ({
      hasList: !!list,
      showList: () => {
        if (onShowList && narrow) onShowList();
        else setDrawer(true);
      },
      closeSide: onCloseSide,
      main,
    }),
    [list, onShowList, onCloseSide, main, narrow],
  );
  useEffect(() => {
    if (!drawer) return;
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setDrawer(false);
    };
    window.addEventListener('keydown', close);
    return () => window.removeEventListener('keydown', close);
  }, [drawer]);
  const style = { '--list': `${listWidth}px`, '--side': `${sideWidth}px` } as CSSProperties;
  return (
    <PanesContext value={panes}>
      <div
        className={classes.panes}
        style={style}
        data-view={view}
        data-list={list ? 'there' : 'none'}
        data-drawer={drawer || undefined}
        data-narrow={narrow || undefined}
      >
        {list ? (
          // A press anywhere in the drawer that leads somewhere has done its work: the drawer closes.
          // biome-ignore lint/a11y/noStaticElementInteractions: the links inside are what is pressed
          // biome-ignore lint/a11y/useKeyWithClickEvents: a key pressed on a link arrives here as a click
          <div
            className={classes.list}
            onClick={(event) => {
              if ((event.target as Element).closest('a[href]')) setDrawer(false);
            }}
          >
            {list}
          </div>
        ) : null}
        {drawer ? (
          <button
            type="button"
            className={classes.scrim}
            aria-label={labels.close}
            onClick={() => setDrawer(false)}
          />
        ) : null}
        <main className={classes.page} id={main === 'page' ? pageId : undefined} tabIndex={-1}>
          {children}
        </main>
        {side ? <div className={classes.side}>{side}</div> : null}
      </div>
    </PanesContext>
  );
}

/** The button that brings the list back where there is no room for it. */
export function ShowList() {
  const labels = useLabels();
  const { hasList, showList } = usePanes();
  if (!hasList) return null;
  return (
    <span className={classes.drawerButton}>
      <IconButton aria-label={labels.showList} onClick={showList}>
        <IconLayoutSidebar size={20} />
      </IconButton>
    </span>
  );
}

/** The button that closes the side. Nothing where the side cannot be closed. */
export function CloseSide() {
  const labels = useLabels();
  const { closeSide } = usePanes();
  if (!closeSide) return null;
  return (
    <IconButton aria-label={labels.close} onClick={closeSide}>
      <IconX size={18} />
    </IconButton>
  );
}
