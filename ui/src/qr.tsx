/**
 * A QR code from its modules (`true` is dark), as one path with the four modules of quiet zone that ISO/IEC 18004 asks
 * for. Always dark on white, whatever the theme: cameras need it.
 */
export function Qr({
  modules,
  label,
  size = 200,
}: {
  modules: readonly (readonly boolean[])[];
  label: string;
  size?: number;
}) {
  const count = modules.length;
  const quiet = 4;
  const path = modules
    .flatMap((line, y) => line.map((dark, x) => (dark ? `M${x + quiet} ${y + quiet}h1v1h-1z` : '')))
    .join('');
  const side = count + 2 * quiet;
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`0 0 ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      <path d={`M0 0h${side}v${side}h-${side}z`} fill="var(--qr-light)" />
      <path d={path} fill="var(--qr-dark)" />
    </svg>
  );
}
