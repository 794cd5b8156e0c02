/** `FLEET=long` is the run of hours, by `npm run test:fleet`. */
export const isLong = process.env.FLEET === 'long';

export function inRun<Value>(lengths: { readonly short: Value; readonly long: Value }): Value {
  return isLong ? lengths.long : lengths.short;
}
