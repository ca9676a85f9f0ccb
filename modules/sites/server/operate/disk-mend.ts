/** What mends it where a machine's disk is the reason, whatever it was that Docker could not do there. */
export function diskMend(node: string, complaint: string): string | undefined {
  if (/no space left on device|disk quota exceeded/i.test(complaint))
    return `make room on ${node} where Docker keeps its data: docker system df, docker system prune`;
  if (/read-only file system|input\/output error/i.test(complaint))
    return `look at the disk of ${node} (dmesg): it takes nothing any more`;
  return undefined;
}
