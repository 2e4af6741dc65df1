/** What somebody does in a story could not be done as the story says; the sentence names the act. */
export class ActFailed extends Error {
  override readonly name = 'ActFailed';
}
