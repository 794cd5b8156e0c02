import { expect, test } from '@jest/globals';
import { troubleOf } from '../src/trouble/trouble-of.js';
import { Slots, TooManyCallsError } from '../src/tools/slots.js';

test('one owner can use up their own places and not those of others, and all together no more than there are', async () => {
  const slots = new Slots({ perOwner: 2, total: 3 });
  const ends: (() => void)[] = [];
  const call = (owner: string) =>
    slots.within(owner, () => new Promise<void>((resolve) => ends.push(resolve)));
  const running = [call('ada'), call('ada')];
  await expect(call('ada')).rejects.toMatchObject({ whose: 'own' });
  running.push(call('grace'));
  await expect(call('katherine')).rejects.toMatchObject({ whose: 'all' });
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

test('whose calls are too many is told', () => {
  expect(troubleOf(new TooManyCallsError('own'))).toMatchObject({
    status: 429,
    what: expect.stringMatching(/your calls/),
  });
  expect(troubleOf(new TooManyCallsError('all'))).toMatchObject({
    status: 503,
    what: expect.stringMatching(/other users/),
  });
});
