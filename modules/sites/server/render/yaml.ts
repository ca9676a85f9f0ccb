import { Document, isMap, isScalar, visit } from 'yaml';

/**
 * Plain values as YAML that Docker's own tools read alike: they follow YAML 1.1, in which `yes` and `08` are no texts.
 * `heading` and `notes` (by service) become comments.
 */
export function toYaml(
  value: object,
  { heading, notes }: { heading: string; notes: ReadonlyMap<string, string> },
): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  document.commentBefore = heading
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
  const services = document.get('services', true);
  if (isMap(services)) {
    for (const [at, { key }] of services.items.entries()) {
      if (!isScalar(key)) continue;
      key.spaceBefore = at > 0;
      const note = notes.get(String(key.value));
      if (note !== undefined) key.commentBefore = ` ${note}`;
    }
  }
  if (isMap(document.contents)) {
    for (const [at, { key }] of document.contents.items.entries()) {
      if (isScalar(key)) key.spaceBefore = at > 0;
    }
  }
  // A port, a grant: what is short stands on one line.
  visit(document, {
    Map(_, map) {
      if (map.has('published') || (map.has('source') && !map.has('type')) || map.has('subnet'))
        map.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, directives: false });
}
