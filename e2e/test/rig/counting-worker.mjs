import { runWorker } from '@mcp-oauth/e2e/worker';

runWorker(async ({ index, mode }, channel) => {
  if (mode === 'throw') throw new Error('on purpose');
  if (mode === 'hang') {
    console.log('hanging');
    channel.send('ready');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  if (mode === 'talk') {
    channel.send({ asked: index });
    return { answered: await channel.receive() };
  }
  return index * 2;
});
