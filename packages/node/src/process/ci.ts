/** Whether a build machine runs this, where nobody sits in front of a screen or a terminal. */
export function runsInCi(env: NodeJS.ProcessEnv): boolean {
  const value = env.CI?.toLowerCase() ?? '';
  return value !== '' && value !== '0' && value !== 'false';
}
