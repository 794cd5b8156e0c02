import { Hono } from 'hono';
import type { Application } from '../application.js';
import { show } from '../pages/layout.js';
import { serverText } from '../pages/server-text.js';
import { serverNamed } from '../servers/server-path.js';
import { genuineForm, signedIn } from '../sign-in/signed-in.js';
import type { SignedInContext } from '../sign-in/signed-in.js';
import { NoSuchPageError } from '../trouble/no-such-page-error.js';
import type { WebEnv } from '../web-env.js';
import type { McpConnection } from './mcp-connection.js';
import { ArgumentError, toolArguments, toolFields } from './tool-form.js';
import { toolPage } from './tool-page.js';
import type { ToolPage } from './tool-page.js';

const PATH = '/servers/:server/tools/:tool';

export function toolRoutes(app: Application): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  routes.get(PATH, signedIn, (c) => withTool(c, app, c.req.param(), async () => ({ values: {} })));
  routes.post(PATH, signedIn, genuineForm, (c) =>
    withTool(c, app, c.req.param(), async (connection, tool) => {
      const values = c.var.form;
      try {
        const args = toolArguments(toolFields(tool), values);
        return { values, result: await connection.call(tool.name, args) };
      } catch (error) {
        if (error instanceof ArgumentError) return { values, problem: error };
        throw error;
      }
    }),
  );
  return routes;
}

type Tool = ToolPage['tool'];

/** Shows a tool, after something was done with it over the same connection. */
async function withTool(
  c: SignedInContext,
  app: Application,
  address: { readonly server: string; readonly tool: string },
  body: (connection: McpConnection, tool: Tool) => Promise<Pick<ToolPage, 'values' | 'result' | 'problem'>>,
) {
  const { visitor } = c.var;
  const server = serverNamed(app, address.server);
  const target = { owner: visitor.user.id, server, signal: c.req.raw.signal };
  const page = await app.calls.connected(target, async (connection) => {
    const tool = (await connection.tools()).find(({ name }) => name === address.tool);
    if (!tool) throw new NoSuchPageError('There is no tool of that name.');
    return { tool, ...(await body(connection, tool)) };
  });
  return show(c, {
    status: page.problem ? 400 : 200,
    title: `${serverText(page.tool.name, 80)} · ${server.name}`,
    body: toolPage({ visitor, server, ...page }),
  });
}
