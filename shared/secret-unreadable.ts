/** AWS did not give a secret; the message is one sentence with the remedy, and a later try may succeed. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}
