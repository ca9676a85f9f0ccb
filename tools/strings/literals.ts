import type { Finding } from '../source/finding.ts';
import { type AstNode, isNode, literalText, nameOf, templateParts, walk } from '../source/syntax.ts';
import type { SourceTree } from '../source/tree.ts';
import { alternatives, attributesOf } from './usages.ts';

/** Read out or shown as they are, on every element. */
const SPOKEN = new Set([
  'aria-label',
  'aria-description',
  'aria-placeholder',
  'aria-roledescription',
  'aria-valuetext',
  'placeholder',
  'alt',
]);
/** Shown by most components, but also used for ids and kinds: a capital or a space makes it a text. */
const SHOWN = new Set(['title', 'label', 'description', 'subtitle', 'legend', 'tooltip', 'error']);
/** What stands in these is not prose. */
const VERBATIM = new Set(['code', 'kbd', 'samp', 'pre', 'style', 'script', 'Code', 'Kbd']);
/** Names that are the same in every language. */
const NAMES = new Set([
  'Liaison',
  'SIP',
  'SIPS',
  'UDP',
  'TCP',
  'TLS',
  'WebRTC',
  'CSV',
  'QR',
  'TOTP',
  'IMAP',
  'SMTP',
  'Ctrl',
  'Esc',
  'Enter',
  'Tab',
  'Alt',
  'Shift',
]);

/** Rule: what people read or hear stands in the strings, not in the code. */
export function checkLiterals(tree: SourceTree, file: string): Finding[] {
  const { program, lineAt } = tree.syntax(file);
  const findings: Finding[] = [];
  const found = (node: AstNode, text: string, where: string): void => {
    const shown = text.trim().replace(/\s+/g, ' ').slice(0, 40);
    findings.push({
      file,
      line: lineAt(node.start + Math.max(0, text.length - text.trimStart().length)),
      what: `says '${shown}' ${where}`,
      why: 'it would be shown so in every language',
      mend: "put it into strings/ and ask for it with t('…')",
    });
  };
  walk(program, (node, ancestors) => {
    if (
      node.type === 'JSXText' ||
      (node.type === 'JSXExpressionContainer' && ancestors.at(-1)?.type !== 'JSXAttribute')
    ) {
      if (
        ancestors.some(
          (ancestor) =>
            isNode(ancestor.openingElement) && VERBATIM.has(nameOf(ancestor.openingElement.name) ?? ''),
        )
      )
        return;
      if (node.type === 'JSXText') {
        const text = typeof node.value === 'string' ? node.value : '';
        if (isProse(text)) found(node, text, 'in the page');
        return;
      }
      for (const part of alternatives(node.expression)) {
        const text = proseOf(part);
        if (text !== undefined) found(part, text, 'in the page');
      }
    } else if (node.type === 'JSXOpeningElement') {
      for (const [name, value] of attributesOf(node)) {
        if (!SPOKEN.has(name) && !SHOWN.has(name)) continue;
        for (const part of alternatives(value)) {
          const text = proseOf(part);
          if (text === undefined || (SHOWN.has(name) && !/\p{Lu}|\s/u.test(text))) continue;
          found(part, text, `in ${name}`);
        }
      }
    }
  });
  return findings;
}

function proseOf(node: AstNode): string | undefined {
  const text = node.type === 'TemplateLiteral' ? templateParts(node).join(' ') : literalText(node);
  return text !== undefined && isProse(text) ? text : undefined;
}

/** Two letters in a row make a word; names that are the same everywhere do not count. */
function isProse(text: string): boolean {
  const words = text.match(/\p{L}{2,}/gu) ?? [];
  return words.some((word) => !NAMES.has(word));
}
