import type { McpBehaviour } from './behaviour.js';

const wellKnown = '/.well-known/oauth-protected-resource';
const hidden = '/resource-metadata';

/** The protected resource metadata (RFC 9728) of the two endpoints, and where it lies. */
export class ResourceMetadata {
  readonly #origin: string;
  readonly #endpointPaths: readonly string[];
  readonly #issuers: readonly string[];
  readonly #behaviour: McpBehaviour;

  constructor(
    origin: string,
    endpointPaths: readonly string[],
    issuers: readonly string[],
    behaviour: McpBehaviour,
  ) {
    this.#origin = origin;
    this.#endpointPaths = endpointPaths;
    this.#issuers = issuers;
    this.#behaviour = behaviour;
  }

  /** The document at a path of this host, if there is one. */
  at(path: string): Readonly<Record<string, unknown>> | undefined {
    const endpointPath = this.#endpointPaths.find((candidate) => this.#pathFor(candidate) === path);
    return endpointPath === undefined ? undefined : this.document(endpointPath);
  }

  document(endpointPath: string): Readonly<Record<string, unknown>> {
    return {
      resource: this.#origin + endpointPath,
      authorization_servers: this.#issuers.filter((issuer) => this.#behaviour.trusts(issuer)),
      scopes_supported: ['mcp:tools', 'mcp:admin'],
      bearer_methods_supported: ['header'],
      ...this.#behaviour.metadata,
    };
  }

  /** What a challenge names as `resource_metadata`. */
  urlFor(endpointPath: string): string | undefined {
    const named = ['path', 'header_only'].includes(this.#behaviour.metadataPlacement);
    const path = this.#pathFor(endpointPath);
    return named && path !== undefined ? this.#origin + path : undefined;
  }

  #pathFor(endpointPath: string): string | undefined {
    switch (this.#behaviour.metadataPlacement) {
      case 'path':
        return wellKnown + endpointPath;
      case 'root':
        return wellKnown;
      case 'header_only':
        return hidden + endpointPath;
      case 'none':
        return undefined;
    }
  }
}
