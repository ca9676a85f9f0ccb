import type { Http } from '@liaison/core/http';
import type { Authority } from '@liaison/core/tls';

/** What to do on each system, once, in the words that its own screens use. */
const systems: readonly (readonly [name: string, steps: string])[] = [
  [
    'Windows',
    'Open the file › Install Certificate › Local Machine › Place all certificates in the following store › Trusted Root Certification Authorities.',
  ],
  [
    'macOS',
    'Open the file. In Keychain Access open the certificate › Trust › When using this certificate: Always Trust.',
  ],
  [
    'iPhone and iPad',
    'Open the file, then Settings › Profile Downloaded › Install. Afterwards Settings › General › About › Certificate Trust Settings: switch it on.',
  ],
  [
    'Android',
    'Settings › Security › Encryption &amp; credentials › Install a certificate › CA certificate, then choose the file.',
  ],
  [
    'Chrome and Chromium on Linux',
    'Settings › Privacy and security › Security › Manage certificates › Authorities › Import, for identifying websites.',
  ],
  [
    'Firefox',
    'Settings › Privacy &amp; Security › Certificates › View Certificates › Authorities › Import, to identify websites.',
  ],
];

// The tokens of the design system that this page needs: it must be readable before anything of the suite is trusted.
const style = `:root{color-scheme:light dark;--page:light-dark(#fff,#191f21);--chrome:light-dark(#e6ebeb,#0c1011);
--sunken:light-dark(#f1f4f4,#121819);--border:light-dark(#dfe5e5,#2a3436);--text:light-dark(#131a1b,#e9eeee);
--text-2:light-dark(#465254,#b7c2c3);--accent:light-dark(#0b6379,#63c3d8);--accent-hover:light-dark(#084d5e,#82d3e4);
--accent-text:light-dark(#0a5a6e,#74cbde);--on-accent:light-dark(#fff,#04222a)}
*{box-sizing:border-box}
body{margin:0;background:var(--chrome);color:var(--text);font:1rem/1.6 "Hanken Grotesk Variable",system-ui,sans-serif}
header{display:flex;align-items:center;gap:.6rem;max-width:46rem;margin:0 auto;padding:1.25rem 1.5rem;font-weight:650;font-size:1.1rem}
header svg{width:1.75rem;color:var(--accent)}
main{max-width:46rem;margin:0 auto 3rem;padding:2.5rem;background:var(--page);border:1px solid var(--border);border-radius:.75rem}
h1{margin:0 0 .75rem;font-size:1.75rem;line-height:1.2;letter-spacing:-.01em}
h2{margin:2.25rem 0 .5rem;font-size:1.1rem}
p{margin:0 0 1rem;max-width:38rem}
.button{display:inline-block;padding:.6rem 1.1rem;border-radius:.5rem;background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none}
.button:hover{background:var(--accent-hover)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:.9em/1.7 ui-monospace,monospace}
.print{display:block;padding:.75rem 1rem;border:1px solid var(--border);border-radius:.5rem;background:var(--sunken);overflow-wrap:anywhere}
dl{margin:0;border-top:1px solid var(--border)}
dl>div{display:grid;grid-template-columns:11rem 1fr;gap:.25rem 1rem;padding:.75rem 0;border-bottom:1px solid var(--border)}
dt{font-weight:600}dd{margin:0;color:var(--text-2)}
.note{color:var(--text-2)}
@media (max-width:40rem){main{margin:0;padding:1.5rem;border:0;border-radius:0}dl>div{grid-template-columns:1fr}}
`;

const mark =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2.6"><path d="M11 16h8.5"/><circle cx="25" cy="16" r="4.6"/></g><circle cx="6.5" cy="16" r="5" fill="currentColor"/></svg>';

function page(authority: Authority): string {
  const steps = systems.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Trust this Liaison</title><link rel="stylesheet" href="/trust/trust.css"></head>
<body><header>${mark}Liaison</header>
<main><h1>Trust this Liaison, once</h1>
<p>Browsers give the microphone and passkeys only to pages that came over a connection they trust. This Liaison made a
certificate authority of its own; tell your device that you trust it, and the warning is gone.</p>
<p><a class="button" href="/trust/liaison.crt">Download liaison.crt</a></p>
<h2>Compare before you trust</h2>
<p>Your device shows the SHA-256 fingerprint of what it installs. It must be this one, which Liaison also printed where it
was started:</p>
<code class="print">${authority.fingerprint.replaceAll(':', ':<wbr>')}</code>
<h2>On your device</h2>
<dl>
${steps}
</dl>
<h2>For administrators</h2>
<p class="note">With a certificate of your organisation nobody needs this page: set <code>LIAISON_TLS_CERT</code> and
<code>LIAISON_TLS_KEY</code>, or put Liaison behind your proxy.</p>
</main></body></html>`;
}

/**
 * `/trust`: how to make browsers trust the self-made authority, readable without script and before anybody is signed
 * in. Also the authority itself, as operating systems want it. With an operator's own certificate there is nothing to say.
 */
export function serveTrustPage(http: Http, authority: Authority | undefined): void {
  if (!authority) return;
  http.fastify.get('/trust/liaison.crt', async (_request, reply) =>
    reply
      .type('application/x-x509-ca-cert')
      .header('content-disposition', 'attachment; filename="liaison.crt"')
      .send(authority.der),
  );
  http.fastify.get('/trust/trust.css', async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(style),
  );
  http.fastify.get('/trust', async (_request, reply) =>
    reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      .type('text/html; charset=utf-8')
      .send(page(authority)),
  );
}
