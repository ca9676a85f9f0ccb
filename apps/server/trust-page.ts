import type { Http } from '@liaison/core/http';
import type { Authority } from '@liaison/core/tls';

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

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
    reply.type('text/css').send(
      `:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}
code{word-break:break-all}a{color:light-dark(#0a5a6e,#74cbde)}dt{font-weight:600;margin-top:1rem}dd{margin:0}`,
    ),
  );
  http.fastify.get('/trust', async (_request, reply) =>
    reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      .type('text/html; charset=utf-8')
      .send(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Trust this Liaison</title><link rel="stylesheet" href="/trust/trust.css">
<h1>Trust this Liaison</h1>
<p>Browsers give microphone and passkeys only to pages that came over a connection they trust. This Liaison made an
authority of its own; tell your machine once that you trust it. If your organisation has a certificate, its
administrator sets <code>LIAISON_TLS_CERT</code> and <code>LIAISON_TLS_KEY</code> instead, and nobody needs this page.</p>
<p><a href="/trust/liaison.crt">Download the authority (liaison.crt)</a>. Its SHA-256 fingerprint, to be compared with
what your administrator sees at the start:<br><code>${escapeHtml(authority.fingerprint)}</code></p>
<dl>
<dt>Windows</dt><dd>Open the file, Install Certificate, Local Machine, Trusted Root Certification Authorities.</dd>
<dt>macOS</dt><dd>Open the file; in Keychain Access open it, Trust, Always Trust.</dd>
<dt>iPhone, iPad</dt><dd>Open the file, then Settings, Profile Downloaded, Install; then General, About, Certificate Trust
Settings.</dd>
<dt>Android</dt><dd>Settings, Security, Encryption &amp; credentials, Install a certificate, CA certificate.</dd>
<dt>Linux (Chromium)</dt><dd>Settings, Privacy and security, Security, Manage certificates, Authorities, Import.</dd>
<dt>Firefox</dt><dd>Settings, Privacy &amp; Security, View Certificates, Authorities, Import.</dd>
</dl></html>`),
  );
}
