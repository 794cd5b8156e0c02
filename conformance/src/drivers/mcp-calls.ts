/** What a host does with a server that it is connected to. */
export interface McpCalls {
  listTools(): Promise<unknown>;
  callTool(name: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The tool of the suite's server. */
export const TEST_TOOL = 'test-tool';
