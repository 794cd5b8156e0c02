import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Interaction, InteractionResults } from 'oidc-provider';
import { readBody } from '../http/message.js';
import { sendReply } from '../http/send.js';
import { consentPage, errorPage, pageHeaders, signInPage } from './pages.js';

/** The login and the consent page, and what their forms send. */
export async function handleInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await findInteraction(provider, request, response);
  if (interaction === undefined) {
    sendReply(response, { status: 400, headers: pageHeaders, body: errorPage('login_expired') });
    return;
  }
  if (request.method !== 'POST') {
    const html = await renderPage(provider, interaction, request.url ?? '');
    sendReply(response, { status: 200, headers: pageHeaders, body: html });
    return;
  }
  const form = new URLSearchParams(await readBody(request));
  const result = await submitted(provider, interaction, form);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function findInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Interaction | undefined> {
  try {
    return await provider.interactionDetails(request, response);
  } catch (error) {
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
    throw error;
  }
}

async function renderPage(provider: Provider, interaction: Interaction, action: string): Promise<string> {
  if (interaction.prompt.name === 'login') return signInPage(action);
  const { clientId, scopes, resources } = await requested(provider, interaction);
  const client = await provider.Client.find(clientId);
  return consentPage(action, {
    clientName: client?.clientName ?? clientId,
    user: interaction.session?.accountId ?? '',
    scopes,
    resources,
  });
}

async function submitted(
  provider: Provider,
  interaction: Interaction,
  form: URLSearchParams,
): Promise<InteractionResults> {
  if (interaction.prompt.name === 'login') {
    const user = form.get('user')?.trim() ?? '';
    return user === '' ? denied : { login: { accountId: user } };
  }
  if (form.get('decision') !== 'allow') return denied;
  const { grant } = await requested(provider, interaction);
  return { consent: { grantId: await grant.save() } };
}

const denied: InteractionResults = {
  error: 'access_denied',
  error_description: 'The person said no.',
};

/** What the consent is about, and a grant that allows all of it. */
async function requested(provider: Provider, { prompt, params, session, grantId }: Interaction) {
  const clientId = String(params['client_id']);
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = known ?? new provider.Grant({ clientId, accountId: session?.accountId ?? '' });
  const details = prompt.details as {
    missingOIDCScope?: string[];
    missingOIDCClaims?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  const perResource = Object.entries(details.missingResourceScopes ?? {});
  if (details.missingOIDCScope) grant.addOIDCScope(details.missingOIDCScope.join(' '));
  if (details.missingOIDCClaims) grant.addOIDCClaims(details.missingOIDCClaims);
  for (const [resource, names] of perResource) grant.addResourceScope(resource, names.join(' '));
  return {
    clientId,
    grant,
    scopes: [...new Set([...(details.missingOIDCScope ?? []), ...perResource.flatMap(([, names]) => names)])],
    resources: perResource.map(([resource]) => resource),
  };
}
