import { ContractViolation } from './violation.js';

const LENGTH = 1_500;

/** A count in a value as long as a record of a login is, which shows whether it is whole. */
export function sealedCount(count: number): Uint8Array {
  const head = `${String(count)} `;
  const body = head + String.fromCharCode(97 + (count % 26)).repeat(LENGTH - head.length);
  return new TextEncoder().encode(`${body} ${String(sum(body))}`);
}

/** @throws {ContractViolation} where the value is not exactly what somebody wrote. */
export function countIn(value: Uint8Array): number {
  const text = new TextDecoder().decode(value);
  const count = Number.parseInt(text, 10);
  const body = text.slice(0, LENGTH);
  if (Number.isInteger(count) && text === `${body} ${String(sum(body))}`) return count;
  throw new ContractViolation(`A value is read as it was written, or not at all. Seen: ${text.slice(0, 80)}`);
}

function sum(text: string): number {
  let total = 0;
  for (let index = 0; index < text.length; index++)
    total = (Math.imul(total, 31) + text.charCodeAt(index)) >>> 0;
  return total;
}
