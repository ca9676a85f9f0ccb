/** One line of a message for a list: without marks of Markdown, mentions as names. At most 160 characters. */
export const excerptOf = (body: string): string =>
  body
    .slice(0, 600)
    .replace(/@\[([^\]]*)\]\(person:[0-9a-f-]*\)/g, '$1')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`~>#]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 160);
