import { fileURLToPath } from 'node:url';

/** An MCP server over stdio with `whoami` and `add`. Run it with node; the environment variable `MCP_USER` names the subject. */
export const stdioServerPath = fileURLToPath(new URL('../../dist/stdio/server.js', import.meta.url));
