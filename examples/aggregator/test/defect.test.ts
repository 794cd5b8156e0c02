import { expect, test } from '@jest/globals';
import { framesOf } from '../src/trouble/defect.js';

test('a defect is reported with where it was thrown, and nothing of what it says', () => {
  const error = new Error('cnry_first line\n    at cnry_second (line:1:1)\ncnry_third');
  const frames = framesOf(error);
  expect(frames[0]).toMatch(/^ {4}at .*defect\.test\.ts:\d+:\d+/);
  expect(frames.length).toBeLessThanOrEqual(10);
  expect(frames.join('\n')).not.toContain('cnry_');
});

test('where the message was changed later, or nothing was thrown but a text, there are no frames', () => {
  const error = new Error('cnry_before');
  expect(error.stack).toContain('cnry_before');
  error.message = 'after';
  expect(framesOf(error)).toEqual([]);
  expect(framesOf('cnry_text')).toEqual([]);
  expect(framesOf(new Error(''))[0]).toMatch(/^ {4}at /);
});
