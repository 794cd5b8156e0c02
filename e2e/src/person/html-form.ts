export interface HtmlForm {
  readonly action: string;
  /** The hidden fields. */
  readonly fields: Readonly<Record<string, string>>;
  /** The names of the fields that a person types into. */
  readonly textFields: readonly string[];
  /** The buttons that send a value of their own. */
  readonly buttons: readonly { readonly name: string; readonly value: string }[];
}

interface Control {
  readonly tag: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** The forms of this rig's own pages and of oidc-provider: attributes in double quotes, nothing nested. */
export function formsIn(html: string): readonly HtmlForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', body = '']) => {
    const controls = [...body.matchAll(/<(input|button)\b([^>]*)>/gi)]
      .map(([, tag = '', attributes = '']) => controlOf(tag, attributes))
      .filter(({ name }) => name !== '');
    const hidden = controls.filter(({ type }) => type === 'hidden');
    return {
      action: attribute(head, 'action') ?? '',
      fields: Object.fromEntries(hidden.map(({ name, value }) => [name, value])),
      textFields: controls
        .filter(({ tag, type }) => tag === 'input' && type === 'text')
        .map(({ name }) => name),
      buttons: controls.filter(({ tag }) => tag === 'button').map(({ name, value }) => ({ name, value })),
    };
  });
}

function controlOf(tag: string, attributes: string): Control {
  return {
    tag: tag.toLowerCase(),
    type: attribute(attributes, 'type') ?? 'text',
    name: attribute(attributes, 'name') ?? '',
    value: attribute(attributes, 'value') ?? '',
  };
}

function attribute(text: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`, 'i')
    .exec(text)?.[1]
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
