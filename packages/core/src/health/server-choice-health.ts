import { defaultEndpoints } from '../discovery/discovery.js';
import { issuersInOrder, isUnusable } from '../discovery/issuer-choice.js';
import type { BoundIssuer } from '../discovery/issuer-choice.js';
import { quoted } from '../errors.js';
import { ok, outcome, problem, troubled, unknown, warning } from './findings.js';
import type { HealthFinding } from './health-report.js';
import { failedStep, inspectServer, whyUnusable } from './server-inspection.js';
import type { InspectionRequest, ServerInspection } from './server-inspection.js';

export interface ChoiceRequest extends InspectionRequest {
  /** Whether it answers without a token. */
  readonly isOpen: boolean;
  readonly only: BoundIssuer | undefined;
  /** The issuer of the stored login. */
  readonly standing: string | undefined;
}

export interface ServerChoice {
  readonly finding: HealthFinding;
  /** The server that a login would go to; where none can be used, the first. */
  readonly inspection: ServerInspection | undefined;
}

/** Which authorization server a login would go to: chosen as a login chooses. */
export async function serverChoice(request: ChoiceRequest): Promise<ServerChoice> {
  const { resource, metadata, only, standing, signal } = request;
  const offered = metadata?.authorization_servers ?? [];
  if (offered.length > 0) {
    const issuers = await outcome(signal, () =>
      issuersInOrder(resource, offered, { only, preferred: standing }),
    );
    if (issuers.ok) return await firstUsable(request, issuers.value);
    const remedy = 'Configure the issuer that the client is registered at now, if it has moved.';
    return nothing(troubled('authorization_server', issuers.trouble, remedy));
  }
  if (only?.origin === 'configured') return await firstUsable(request, [only.issuer]);
  if (metadata) {
    const remedy = 'Configure its issuer if you know it, and tell whoever runs the server.';
    return nothing(problem('authorization_server', `${resource} names no authorization server.`, remedy));
  }
  if (request.isOpen) {
    return nothing(
      unknown('authorization_server', `${resource} asks for no login and names no authorization server.`),
    );
  }
  return await ownOrigin(request);
}

async function firstUsable(request: ChoiceRequest, issuers: readonly string[]): Promise<ServerChoice> {
  const passedOver: string[] = [];
  let first: ServerInspection | undefined;
  for (const issuer of issuers) {
    const inspection = await inspectServer(request, issuer);
    const why = whyUnusable(inspection);
    if (why === undefined) return chosen(inspection, passedOver);
    first ??= inspection;
    passedOver.push(`${quoted(issuer)} (${why})`);
    // As a login does: a server in trouble is not passed over for another.
    if (!canBePassedOver(inspection)) break;
  }
  const message =
    passedOver.length === 1
      ? `${request.resource} names the authorization server ${passedOver.join()}`
      : `None of the authorization servers that ${request.resource} names can be used: ${passedOver.join('; ')}`;
  const remedy = 'See what is wrong with it below.';
  return {
    finding: problem('authorization_server', `${message.replace(/\.?$/, '')}.`, remedy),
    inspection: first,
  };
}

function chosen(inspection: ServerInspection, passedOver: readonly string[]): ServerChoice {
  const used = `A login goes to ${inspection.issuer}`;
  const finding =
    passedOver.length === 0
      ? ok('authorization_server', `${used}.`)
      : warning(
          'authorization_server',
          `${used}, after others that can't be used: ${passedOver.join('; ')}.`,
          'Tell whoever runs the MCP server, or configure the issuer.',
        );
  return { finding, inspection };
}

async function ownOrigin(request: ChoiceRequest): Promise<ServerChoice> {
  const { resource, only, signal } = request;
  const { origin } = new URL(resource);
  const issuers = await outcome(signal, () => issuersInOrder(resource, [origin], { only }));
  if (!issuers.ok) {
    return nothing(troubled('authorization_server', issuers.trouble, 'Configure the issuer of the client.'));
  }
  const inspection = await inspectServer(request, origin, defaultEndpoints(origin));
  const message = `A login goes to ${origin} itself, as the MCP revision 2025-03-26 has it: ${resource} names no other.`;
  return { finding: ok('authorization_server', message), inspection };
}

function nothing(finding: HealthFinding): ServerChoice {
  return { finding, inspection: undefined };
}

function canBePassedOver(inspection: ServerInspection): boolean {
  const trouble = failedStep(inspection);
  return trouble === undefined || isUnusable(trouble);
}
