/** Writes down which methods are called, in their order, and passes the calls on. */
export function recorded<T extends object>(target: T): { readonly proxy: T; readonly calls: string[] } {
  const calls: string[] = [];
  const proxy = new Proxy(target, {
    get: (_target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...parameters: unknown[]): unknown => {
        calls.push(name);
        return Reflect.apply(value, target, parameters);
      };
    },
  });
  return { proxy, calls };
}
