import type { ContentSource } from '@liaison/core/content';
import { foldText } from '@liaison/people';

/** What people of the other languages write behind `type:`, folded, for the noun of a kind (`file` of `files.file`). */
const nouns: Readonly<Record<string, string>> = {
  mensaje: 'message',
  mensagem: 'message',
  fichier: 'file',
  ficheiro: 'file',
  arquivo: 'file',
  archivo: 'file',
  fichero: 'file',
  dossier: 'folder',
  carpeta: 'folder',
  pasta: 'folder',
  carte: 'card',
  contact: 'card',
  contacto: 'card',
  contato: 'card',
  tarjeta: 'card',
  cartao: 'card',
  event: 'appointment',
  'rendez-vous': 'appointment',
  cita: 'appointment',
  compromisso: 'appointment',
  personne: 'person',
  persona: 'person',
  pessoa: 'person',
  equipe: 'team',
  equipo: 'team',
  equipa: 'team',
  appel: 'call',
  llamada: 'call',
  chamada: 'call',
};

/** The kinds that somebody means by a word: by its whole name, its module's or its noun's; none for a word that is no kind. */
export function kindsOf(sources: readonly Pick<ContentSource, 'kind'>[], typed: string): string[] {
  const wanted = foldText(typed);
  const noun = nouns[wanted] ?? wanted;
  const kinds = sources.map(({ kind }) => kind as string);
  const named = kinds.filter((kind) => kind === wanted || kind.endsWith(`.${noun}`));
  return named.length > 0 ? named : kinds.filter((kind) => kind.startsWith(`${wanted}.`));
}
