import { Link } from '@liaison/ui';
import { Fragment, type ReactNode } from 'react';
import type { Task } from './find-tasks.ts';
import classes from './markdown.module.css';
import { parseMarkdown, safeHref, type Token } from './parse.ts';

export interface MarkdownProps {
  text: string;
  /** Draws somebody who is mentioned. */
  mention: (personId: string, name: string) => ReactNode;
  labels: MarkdownLabels;
  /** Draws words that are in no link but one that dials, which is given with them; as they are when left out. */
  words?: ((text: string, link?: string) => ReactNode) | undefined;
}

/** What a screen reader says of things that have no words of their own. */
export interface MarkdownLabels {
  /** Of a link: that it opens apart. */
  readonly apart: string;
  readonly table: string;
  /** Of a task in a list. */
  readonly done: string;
  readonly open: string;
}

/**
 * Draws a message's Markdown as elements, never as HTML: whatever somebody writes can only become what stands below.
 */
export function Markdown(props: MarkdownProps) {
  const tokens = parseMarkdown(props.text);
  return <div className={classes.markdown}>{blocks(tokens, props)}</div>;
}

/** One level of block tokens: each opening one with all up to its end. */
function blocks(tokens: readonly Token[], props: MarkdownProps): ReactNode[] {
  const drawn: ReactNode[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (token.nesting === 1) {
      const end = endOf(tokens, at);
      drawn.push(block(token, tokens.slice(at + 1, end), props, at));
      at = end;
    } else drawn.push(leaf(token, props, at));
  }
  return drawn;
}

function endOf(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    depth += tokens[at]!.nesting;
    if (depth === 0) return at;
  }
  return tokens.length;
}

function block(token: Token, inside: readonly Token[], props: MarkdownProps, key: number): ReactNode {
  const children = blocks(inside, props);
  switch (token.type) {
    case 'paragraph_open':
      // In a tight list an item is one line without a paragraph around it.
      return token.hidden ? <span key={key}>{children}</span> : <p key={key}>{children}</p>;
    case 'heading_open':
      // A message has no outline of its own: a heading in it is a strong line.
      return (
        <p key={key} className={classes.heading}>
          {children}
        </p>
      );
    case 'bullet_list_open':
      return <ul key={key}>{children}</ul>;
    case 'ordered_list_open':
      return (
        <ol key={key} start={numberOf(token.attrGet('start'))}>
          {children}
        </ol>
      );
    case 'list_item_open':
      return listItem(token.meta as Task | null, children, props.labels, key);
    case 'table_open':
      return (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form
        // biome-ignore lint/a11y/noNoninteractiveTabindex: wide tables scroll, and must do so by keyboard too
        <div key={key} className={classes.wide} role="group" aria-label={props.labels.table} tabIndex={0}>
          <table>{children}</table>
        </div>
      );
    case 'thead_open':
      return <thead key={key}>{children}</thead>;
    case 'tbody_open':
      return <tbody key={key}>{children}</tbody>;
    case 'tr_open':
      return <tr key={key}>{children}</tr>;
    case 'th_open':
      return (
        <th key={key} scope="col" data-align={alignOf(token)}>
          {children}
        </th>
      );
    case 'td_open':
      return (
        <td key={key} data-align={alignOf(token)}>
          {children}
        </td>
      );
    case 'blockquote_open':
      return <blockquote key={key}>{children}</blockquote>;
    default:
      return <span key={key}>{children}</span>;
  }
}

function listItem(task: Task | null, children: ReactNode[], labels: MarkdownLabels, key: number): ReactNode {
  if (!task) return <li key={key}>{children}</li>;
  return (
    <li key={key} className={classes.task}>
      <span
        className={classes.box}
        role="img"
        aria-label={task.done ? labels.done : labels.open}
        data-done={task.done || undefined}
      />
      {children}
    </li>
  );
}

/** The parser says it as a style; only these two words of it are taken. */
const alignOf = (token: Token): string | undefined =>
  /^text-align:(center|right)$/.exec(String(token.attrGet('style') ?? ''))?.[1];

const numberOf = (text: string | number | null): number | undefined => {
  const value = Number(text);
  return text === null || !Number.isSafeInteger(value) ? undefined : value;
};

function leaf(token: Token, props: MarkdownProps, key: number): ReactNode {
  switch (token.type) {
    case 'inline':
      return inline(token.children ?? [], props);
    case 'fence':
    case 'code_block':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and must do so by keyboard too
        <pre key={key} tabIndex={0}>
          <code>{token.content.replace(/\n$/, '')}</code>
        </pre>
      );
    case 'hr':
      return <hr key={key} />;
    default:
      return token.content;
  }
}

function inline(tokens: readonly Token[], props: MarkdownProps): ReactNode[] {
  const drawn: ReactNode[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (token.nesting !== 1) {
      drawn.push(word(token, props, at));
      continue;
    }
    const end = endOf(tokens, at);
    // What is pressed leads to one place: in a link words are only words.
    const inside = token.type === 'link_open' ? { ...props, words: undefined } : props;
    const within = tokens.slice(at + 1, end);
    const dials = props.words && dialledBy(token);
    drawn.push(
      dials ? (
        <span key={at}>{props.words?.(wordsOf(within) || dials, dials)}</span>
      ) : (
        span(token, inline(within, inside), props, at)
      ),
    );
    at = end;
  }
  return drawn;
}

/** What a link dials, where it does. */
function dialledBy(token: Token): string | null {
  const href = token.type === 'link_open' ? safeHref(String(token.attrGet('href') ?? '')) : null;
  return href?.startsWith('tel:') ? href : null;
}

/** What is written in a link, without its marks. */
const wordsOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content }) => (type.endsWith('break') ? ' ' : content))
    .join('')
    .trim();

function span(token: Token, children: ReactNode[], props: MarkdownProps, key: number): ReactNode {
  switch (token.type) {
    case 'strong_open':
      return <strong key={key}>{children}</strong>;
    case 'em_open':
      return <em key={key}>{children}</em>;
    case 's_open':
      return <s key={key}>{children}</s>;
    case 'link_open': {
      const href = safeHref(String(token.attrGet('href') ?? ''));
      return href === null ? (
        <span key={key}>{children}</span>
      ) : (
        <MessageLink key={key} href={href} apart={props.labels.apart}>
          {children}
        </MessageLink>
      );
    }
    default:
      return <span key={key}>{children}</span>;
  }
}

function word(token: Token, props: MarkdownProps, key: number): ReactNode {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return <br key={key} />;
    case 'code_inline':
      return <code key={key}>{token.content}</code>;
    case 'mention':
      return <span key={key}>{props.mention(String(token.meta?.personId), token.content)}</span>;
    case 'text':
      return props.words && token.content !== '' ? (
        <Fragment key={key}>{props.words(token.content)}</Fragment>
      ) : (
        token.content
      );
    default:
      return token.content;
  }
}

/** Inside Liaison a link changes the page; anything else opens apart and learns nothing about where it was pressed. */
function MessageLink({ href, apart, children }: { href: string; apart: string; children: ReactNode }) {
  const url = new URL(href);
  const ours = typeof location !== 'undefined' && url.origin === location.origin;
  if (ours && !url.pathname.startsWith('/api/')) {
    return <Link href={`${url.pathname}${url.search}${url.hash}`}>{children}</Link>;
  }
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
      <span className={classes.hidden}> {apart}</span>
    </a>
  );
}
