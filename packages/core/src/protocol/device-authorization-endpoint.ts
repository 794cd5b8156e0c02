import { deviceAuthorizationRequest, processDeviceAuthorizationResponse } from 'oauth4webapi';
import type { OAuthHttp } from '../http/oauth-http.js';
import { clientAuthentication } from './client-authentication.js';
import type { AuthenticatedRequest } from './client-authentication.js';
import { engineOptions } from './engine-options.js';
import { judged, ProtocolFailure } from './protocol-failure.js';

const MAX_DEVICE_CODE_LENGTH = 16 * 1_024;

export interface DeviceAuthorizationRequest extends AuthenticatedRequest {
  readonly endpoint: string;
  readonly scope: string | undefined;
  /** RFC 8707, sent exactly as it was advertised. */
  readonly resourceIndicator: string | undefined;
  readonly signal: AbortSignal;
}

/** As the server wrote it: nothing of it was looked at but its types. */
export interface DeviceAuthorizationResponse {
  /** A secret: whoever has it gets the tokens. */
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | undefined;
  /** Seconds, more than none. */
  readonly expiresIn: number;
  /** Seconds. Absent where the server named no sensible number. */
  readonly interval: number | undefined;
}

/** Where a login on another device begins (RFC 8628 section 3.1). */
export class DeviceAuthorizationEndpoint {
  readonly #http: OAuthHttp;

  constructor(http: OAuthHttp) {
    this.#http = http;
  }

  /**
   * @throws {ProtocolFailure} the server refused the request, or this client.
   * @throws {TransientError | InvalidConfigError | UnsafeUrlError}
   */
  async authorize(request: DeviceAuthorizationRequest): Promise<DeviceAuthorizationResponse> {
    const { server, endpoint, client, scope, resourceIndicator, signal } = request;
    const engineView = { issuer: server.issuer, device_authorization_endpoint: endpoint };
    const authentication = await clientAuthentication(request);
    const response = await judged(async () =>
      processDeviceAuthorizationResponse(
        engineView,
        { client_id: client.client_id },
        await deviceAuthorizationRequest(
          engineView,
          { client_id: client.client_id },
          authentication,
          {
            ...(scope === undefined ? {} : { scope }),
            ...(resourceIndicator === undefined ? {} : { resource: resourceIndicator }),
          },
          engineOptions(this.#http, {
            kind: 'device_authorization',
            field: 'device_authorization_endpoint',
            url: endpoint,
            signal,
          }),
        ),
      ),
    );
    if (response.device_code.length > MAX_DEVICE_CODE_LENGTH) throw new ProtocolFailure('malformed');
    return {
      deviceCode: response.device_code,
      userCode: response.user_code,
      verificationUri: response.verification_uri,
      verificationUriComplete: response.verification_uri_complete,
      expiresIn: response.expires_in,
      interval: response.interval,
    };
  }
}
