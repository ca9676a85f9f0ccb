import { IconChevronLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './headers.module.css';
import { Heading, UnderTitle } from './heading.tsx';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';
import { CloseSide, pageId, usePanes } from './panes.tsx';

export interface PageHeaderProps {
  title: ReactNode;
  /** The page has a first heading of its own: this one only says where it is. */
  isPlace?: boolean;
  /** Below the title: "9 people · 4 free". */
  meta?: ReactNode;
  /** A `Face` at the start; absent on telephones. */
  face?: ReactNode;
  /** Verbs at the end. On telephones only what carries `data-keep` stays: put the rest into a menu too. */
  actions?: ReactNode;
  /** Goes back instead of showing the list. */
  onBack?: () => void;
}

/** The head of a page: 60 high. Where the list is not beside it, a way back to the list stands first. */
export function PageHeader({ title, isPlace = false, meta, face, actions, onBack }: PageHeaderProps) {
  const labels = useLabels();
  const { hasList, showList } = usePanes();
  const back = onBack ?? (hasList ? showList : undefined);
  return (
    <header className={classes.head} data-back={onBack ? 'always' : back ? 'narrow' : undefined}>
      {back ? (
        <span className={classes.back}>
          <IconButton aria-label={onBack ? labels.back : labels.showList} onClick={back}>
            <IconChevronLeft size={22} className={classes.arrow} />
          </IconButton>
        </span>
      ) : null}
      {face ? <span className={classes.face}>{face}</span> : null}
      <div className={classes.words}>
        {isPlace ? <div className={classes.place}>{title}</div> : <h1>{title}</h1>}
        {meta ? <div className={classes.meta}>{meta}</div> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </header>
  );
}

export interface ListPaneProps {
  title: string;
  actions?: ReactNode;
  /** Below the title: search, `Segments`. Stays while the list scrolls. */
  tools?: ReactNode;
  children: ReactNode;
}

/** The list column: its title, its tools, and what scrolls. */
export function ListPane({ title, actions, tools, children }: ListPaneProps) {
  const isMain = usePanes().main === 'list';
  const Title = isMain ? 'h1' : 'h2';
  return (
    <Pane isMain={isMain} title={title}>
      <div className={classes.listHead}>
        <Title>{title}</Title>
        {actions}
      </div>
      {tools}
      <div className={classes.scroll}>{children}</div>
    </Pane>
  );
}

/** A column beside the page, or the page where it fills the screen; the same element, so that it stays where it was scrolled to. */
function Pane({ isMain, title, children }: { isMain: boolean; title: string; children: ReactNode }) {
  return (
    <section
      className={classes.pane}
      role={isMain ? 'main' : 'complementary'}
      aria-label={title}
      {...(isMain ? { id: pageId, tabIndex: -1 } : {})}
    >
      <UnderTitle value={isMain ? 1 : 2}>{children}</UnderTitle>
    </section>
  );
}

export interface SidePaneProps {
  title: string;
  meta?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Stays at the bottom: a `Composer`. */
  foot?: ReactNode;
}

/** The side column: thread, notes, comments. */
export function SidePane({ title, meta, actions, children, foot }: SidePaneProps) {
  const isMain = usePanes().main === 'side';
  const Title = isMain ? 'h1' : 'h2';
  return (
    <Pane isMain={isMain} title={title}>
      <header className={classes.head} data-place="side">
        <div className={classes.words}>
          <Title>{title}</Title>
          {meta ? <div className={classes.meta}>{meta}</div> : null}
        </div>
        <div className={classes.actions}>
          {actions}
          <CloseSide />
        </div>
      </header>
      <div className={classes.scroll}>{children}</div>
      {foot}
    </Pane>
  );
}

/** The small title over some rows of a list, with what can be done there. */
export function SectionTitle({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.section}>
      <Heading>{children}</Heading>
      {action}
    </div>
  );
}

/** What scrolls below a `PageHeader`. Reachable by Tab, so that arrows scroll it where nothing inside takes focus. */
export function PageBody({
  children,
  label,
  padded,
  rows,
}: {
  children: ReactNode;
  label: string;
  padded?: boolean;
  /** All of it are `Rows`, whose faces stand under the title. */
  rows?: boolean;
}) {
  const inside = rows ? 'rows' : padded ? 'padded' : undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.body} data-inside={inside} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
