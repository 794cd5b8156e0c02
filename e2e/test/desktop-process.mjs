import { createOAuthClient } from '@mcp-oauth/core';
import { ScriptedBrowser } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener, NodeProcessIdentity } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';

/** This process as a host on the machine of a person who says yes, over the file store that others have open too. */
export function desktopProcess({ directory, resource }) {
  const store = new FileTokenStore({ directory });
  const browser = new ScriptedBrowser();
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'worker' },
    browser,
    callbackListener: new LoopbackCallbackListener(),
    processIdentity: new NodeProcessIdentity(),
  });
  const close = async () => {
    await oauth.close();
    await store.close();
  };
  return { browser, session: oauth.session({ resource }), close };
}
