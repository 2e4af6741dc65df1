const lengthMax = 200;

/** A message as its kind has it: names, versions and counts apart. */
export function withoutNames(message: string): string {
  return message.replaceAll(/[a-z-]*\d[\w.-]*/g, '…').slice(0, lengthMax);
}
