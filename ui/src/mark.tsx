/** The mark: two ends and what joins them. Decorative; name the link around it. */
export function Mark({ size = 34 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="6.5" cy="16" r="5" fill="currentColor" />
      <path d="M11 16h8.5" stroke="currentColor" strokeWidth="2.6" />
      <circle cx="25" cy="16" r="4.6" fill="none" stroke="currentColor" strokeWidth="2.6" />
    </svg>
  );
}
