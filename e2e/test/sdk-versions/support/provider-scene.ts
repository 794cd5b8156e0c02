import type { SessionSettings } from '@mcp-oauth/core';
import { person } from '@mcp-oauth/e2e';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import type { SessionOAuthProviderOptions } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../../desktop-scene.js';
import { recorded } from './recorded.js';
import type { SdkTransport, SupportedSdk } from './supported-sdks.js';

/** Nobody listens there. */
export const HOSTED_REDIRECT = 'http://localhost:9876/callback';

export interface ProviderScene extends Pick<DesktopScene, 'server' | 'mcp' | 'browser' | 'close'> {
  /** A provider, and what the SDK calls of it. */
  provider(settings?: SessionSettings): RecordedProvider;
  /** A provider of a host whose own address the person comes back to, and that address. */
  hostedProvider(settings?: SessionSettings): {
    readonly own: SessionOAuthProvider;
    readonly callback: () => URL;
  };
  /** Connects until the SDK asks for the login that it has begun. */
  begun(sdk: SupportedSdk, authProvider: object): Promise<SdkTransport>;
}

export interface RecordedProvider {
  readonly own: SessionOAuthProvider;
  readonly proxy: SessionOAuthProvider;
  readonly calls: string[];
}

export async function providerScene(): Promise<ProviderScene> {
  const scene = await DesktopScene.start();
  const { server, mcp, browser } = scene;
  const provider = (
    settings: SessionSettings,
    hosted: Partial<SessionOAuthProviderOptions> = {},
  ): SessionOAuthProvider => {
    const oauth = scene.oauth();
    const session = oauth.session({ resource: mcp.url }, settings);
    return new SessionOAuthProvider({ session, client: oauth.clientMetadata, ...hosted });
  };
  return {
    server,
    mcp,
    browser,
    provider: (settings = {}) => {
      const own = provider(settings);
      return { own, ...recorded(own) };
    },
    hostedProvider: (settings = {}) => {
      let address = '';
      const onRedirect = async (url: URL): Promise<void> => {
        address = await person.consent(url);
      };
      const own = provider(settings, { redirectUrl: HOSTED_REDIRECT, onRedirect });
      return { own, callback: () => new URL(address) };
    },
    begun: async (sdk, authProvider) => {
      const client = sdk.newClient();
      scene.closeLater(() => client.close());
      const transport = new sdk.Http(mcp.url, { authProvider });
      const error = await client.connect(transport).then(
        () => new Error('No login was asked for.'),
        (reason: unknown) => reason,
      );
      if (error instanceof sdk.UnauthorizedError) return transport;
      throw error;
    },
    close: () => scene.close(),
  };
}
