/** Loaded before the demo: the seventh of its parallel tool calls meets a broken server. */
const { fetch } = globalThis;
let calls = 0;

globalThis.fetch = async (input, init) => {
  const isCall = typeof init?.body === 'string' && init.body.includes('"tools/call"');
  if (isCall && ++calls === 9) return new Response(null, { status: 500 });
  return fetch(input, init);
};
