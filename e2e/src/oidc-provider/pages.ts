/** A page that works without JavaScript and without anything from elsewhere. */
function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { box-sizing: border-box; width: min(26rem, 100%); padding: 2rem; }
label, input { display: block; }
input, button { box-sizing: border-box; width: 100%; padding: .6rem; margin-top: .5rem; font: inherit; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // No form-action: browsers would apply it to the redirect that leads back to the client.
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

export function signInPage(action: string): string {
  return page(
    'Sign in',
    `<form method="post" action="${escaped(action)}">
<label for="user">User name</label>
<input id="user" name="user" type="text" autocomplete="username" required autofocus>
<button>Sign in</button>
</form>`,
  );
}

export interface ConsentRequest {
  readonly clientName: string;
  readonly user: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
}

export function consentPage(action: string, { clientName, user, scopes, resources }: ConsentRequest): string {
  const forResources =
    resources.length > 0 ? ` at <strong>${resources.map(escaped).join('</strong>, <strong>')}</strong>` : '';
  return page(
    'Allow access?',
    `<p>You are signed in as <strong>${escaped(user)}</strong>.</p>
<p><strong>${escaped(clientName)}</strong> asks to act for you${forResources}:</p>
<ul>
${scopes.map((scope) => `<li><code>${escaped(scope)}</code></li>`).join('\n')}
</ul>
<form method="post" action="${escaped(action)}">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
  );
}

/** oidc-provider makes the form; the button has to stand inside it to work without JavaScript. */
export function userCodePage(form: string, problem: string | undefined): string {
  return page(
    'Connect a device',
    `<p>${problem ?? 'Enter the code that your device shows.'}</p>
${withButtons(form.replace('name="user_code"', 'name="user_code" aria-label="Code"'), '<button>Continue</button>')}`,
  );
}

export function confirmDevicePage(form: string, clientName: string, userCode: string): string {
  return page(
    'Confirm the device',
    `<p><strong>${escaped(clientName)}</strong> shows the code <code>${escaped(userCode)}</code>?</p>
${withButtons(
  form,
  `<button name="decision" value="allow">Continue</button>
<button name="abort" value="deny">Cancel</button>`,
)}`,
  );
}

export function deviceConnectedPage(): string {
  return page('Device connected', '<p>You can close this page and go back to your device.</p>');
}

export function errorPage(error: string): string {
  return page('This did not work', `<p>The server answered <code>${escaped(error)}</code>.</p>`);
}

function withButtons(form: string, buttons: string): string {
  return form.replace('</form>', `${buttons}\n</form>`);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
