import { expect, test } from '@jest/globals';
import { Slots, TooManyCallsError } from '../src/tools/slots.js';

test('one owner can use up their own places and not those of others, and all together no more than there are', async () => {
  const slots = new Slots({ perOwner: 2, total: 3 });
  const ends: (() => void)[] = [];
  const call = (owner: string) =>
    slots.within(owner, () => new Promise<void>((resolve) => ends.push(resolve)));
  const running = [call('ada'), call('ada')];
  await expect(call('ada')).rejects.toThrow(TooManyCallsError);
  running.push(call('grace'));
  await expect(call('katherine')).rejects.toThrow(TooManyCallsError);
  ends.shift()?.();
  await running.shift();
  running.push(call('katherine'));
  for (const end of ends.splice(0)) end();
  await Promise.all(running);
  // All places are free again.
  running.push(call('ada'), call('ada'));
  await expect(call('ada')).rejects.toThrow(TooManyCallsError);
  for (const end of ends) end();
  await Promise.all(running);
});

test('a call that fails gives its place back', async () => {
  const slots = new Slots({ perOwner: 1, total: 1 });
  await expect(slots.within('ada', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.within('ada', () => Promise.resolve('yes'))).toBe('yes');
});
