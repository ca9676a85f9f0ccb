import type { Finding } from '../source/finding.ts';
import type { SourceTree } from '../source/tree.ts';

const TEXT = /(?:^|\/)[^.]+$|\.(?:[cm]?[jt]sx?|json|md|css|html|sql|txt|ya?ml|sh|svg)$/;

/** What must stand in no file, whoever wrote it. Looked for line by line. */
const FORBIDDEN: { pattern: RegExp; what: string; why: string; mend: string; except?: RegExp }[] = [
  {
    pattern: /(?:^|[\s"'`(=])(?:\/(?:home|Users|workspace|work|builds)\/[\w.-]+|[A-Z]:\\\\?Users\\)/,
    what: 'has a path of one machine',
    why: 'it is wrong everywhere else',
    mend: 'make it relative, or a setting',
  },
  {
    pattern:
      /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\\?r?\\?n?\s*[A-Za-z0-9+/]|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----$/,
    what: 'has a private key',
    why: 'whoever reads the repository has it',
    mend: 'make it at run time, or in the test that needs it; and let the key be void',
    except: /\/testdata\//,
  },
  {
    pattern:
      /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|npm_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{20,}|sk_live_[A-Za-z0-9]{20,})/,
    what: 'has what looks like a token of a service',
    why: 'whoever reads the repository has it',
    mend: 'take it from the environment; and revoke it',
  },
  {
    pattern: /^(?:<{7} |>{7} |={7}$)/,
    what: 'has a mark of an unfinished merge',
    why: 'the file says two things',
    mend: 'finish the merge',
  },
  {
    pattern: /@ts-(?:ignore|nocheck)\b/,
    what: 'switches the type check off',
    why: 'what it hides comes back at run time',
    mend: 'type it, or @ts-expect-error with a reason in a test of types',
    except: /^tools\//,
  },
  {
    pattern: /biome-ignore[^:\n]*(?:$|:\s*(?:$|\*|<))/,
    what: 'switches a lint rule off without a reason',
    why: 'the next reader cannot tell whether it still holds',
    mend: 'write the reason after the colon',
    except: /^tools\//,
  },
];

/** Rules about plain text, the lock file included. */
export function checkTexts(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const file of tree.paths) {
    if (file === 'package-lock.json') {
      findings.push(...lockFile(tree.text(file)));
      continue;
    }
    if (!TEXT.test(file)) continue;
    const lines = tree.text(file).split('\n');
    for (const { pattern, what, why, mend, except } of FORBIDDEN) {
      if (except?.test(file)) continue;
      for (const [index, line] of lines.entries()) {
        if (pattern.test(line)) findings.push({ file, line: index + 1, what, why, mend });
      }
    }
  }
  return findings;
}

/** The lock file names versions and hashes, not where one machine fetched them. */
function lockFile(text: string): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const host = /"resolved":\s*"(?:git\+)?(?:https?|ssh|git):\/\/([^/"]+)/.exec(line)?.[1];
    if (host === undefined) return [];
    return [
      {
        file: 'package-lock.json',
        line: index + 1,
        what: `names the host ${host}`,
        why: 'everybody installs from their own registry; the hash decides what is right',
        mend: 'npm install with the .npmrc of the repository, which leaves addresses out',
      },
    ];
  });
}
