/** What this host tells an authorization server about itself (RFC 7591 section 2). Wire names. */
export interface ClientMetadata {
  /** Shown to the person who is asked to consent. */
  readonly client_name: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly tos_uri?: string;
  readonly policy_uri?: string;
  readonly contacts?: string[];
  readonly software_id?: string;
  readonly software_version?: string;
}
