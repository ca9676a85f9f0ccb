/** What gathered for one person since her digest before, as she may read it when it is carried. */
export interface NewsDigest {
  readonly orgId: string;
  readonly personId: string;
  /** Of the digest itself: carried twice it is the same one. */
  readonly newsId: string;
  /** What she reads, and whose clock the times are told by (IANA). */
  readonly language: string;
  readonly timeZone: string;
  /** The address of its page, from `/` on. */
  readonly path: string;
  /** Newest first, at most 50; in words of her language. */
  readonly lines: readonly DigestLine[];
  /** There is more than these lines on its page. */
  readonly hasMore: boolean;
}
export interface DigestLine {
  readonly title: string;
  /** May be empty. */
  readonly body: string;
  readonly path: string;
  readonly at: Date;
  /** Who did it; null where nobody did. */
  readonly personId: string | null;
}

/**
 * Carries digests to people elsewhere than on our pages: by mail. Whoever offers one decides who wants it so; where there is none, a
 * digest is in the list of news and pushed, as always.
 */
export interface NewsDeliverer {
  /** `module.way`, for instance `mail.digest`; never changes once landed. */
  readonly name: `${string}.${string}`;
  /** At least once for each digest; what it throws is tried again for some hours, for this person and deliverer alone. */
  deliver(digest: NewsDigest): Promise<void>;
}
